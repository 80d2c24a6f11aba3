"""Verifies a license with Debian's python3-jwcrypto, and license files with xmlsec1: verify.py [--roots roots.json] ROOT.pem trust.json LICENSE [STATUS]"""
import json
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
import zlib

from jwcrypto import jwk, jws
from jwcrypto.common import JWException, base64url_decode

SHARD = 131072
DRIFT = 300  # seconds that the clock may be wrong
ALGORITHMS = {"EC": "ES256", "RSA": "RS256", "OKP": "EdDSA"}  # one for each kind of key
SPACE = "{urn:keygate:license:1}"


class Refused(Exception):
    pass


def demand(condition, reason):
    if not condition:
        raise Refused(reason)


def text(file):
    with open(file, encoding="utf-8") as opened:
        return opened.read().strip()


def signed(document, key, algorithm, kind):
    """The payload of a JWS in either form, signed by a key that we chose with the algorithm that it has."""
    token = jws.JWS()
    token.allowed_algs = [algorithm]
    token.deserialize(document, key)
    demand(token.jose_header.get("typ") == kind, "this is of another type than " + kind)
    return json.loads(token.payload)


def signed_by_root(document, root, kind):
    return signed(document, root, ALGORITHMS[root["kty"]], kind)


def pem_of(certificate):
    return "-----BEGIN CERTIFICATE-----\n" + "\n".join(certificate[i:i + 64] for i in range(0, len(certificate), 64)) + "\n-----END CERTIFICATE-----\n"


def follow(root, words):
    """Each root says itself which one follows it. Words of others are passed over; one that does not verify refuses the document."""
    demand(isinstance(words, list) and len(words) <= 256, "this is no list of roots")
    for word in words:
        if json.loads(base64url_decode(word.split(".")[0])).get("kid") == root.thumbprint():
            said = signed_by_root(word, root, "keygate-root+jwt")
            demand(said["ver"] == 1 and len(said["root"]["x5c"]) == 1, "the word on a root is of another version")
            root = jwk.JWK.from_pem(pem_of(said["root"]["x5c"][0]).encode())
    return root


def license_of_token(token, keys):
    """The kid only chooses among the keys that the root vouches for; the key says which algorithm."""
    header = json.loads(base64url_decode(token.split(".")[0]))
    key = next((k for k in keys if k["kid"] == header.get("kid")), None)
    demand(key is not None, "it is signed by a key that the trust bundle does not hold")
    facts = signed(token, jwk.JWK(**{name: key[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in key}), key["alg"], "keygate-license+jwt")
    demand(facts["ver"] == 1, "the license is of another version")
    demand(facts.get("nbf", 0) - DRIFT <= time.time(), "the license is not valid yet")
    demand(time.time() < facts.get("exp", float("inf")) + DRIFT, "the license has expired")
    return facts["sub"], facts["keytype"], facts.get("features", [])


def license_of_file(file, keys):
    """xmlsec1 verifies under one pinned certificate after the other; what the file embeds is ignored."""
    demand(any(xmlsec(file, key["x5c"][0]) for key in keys if key["alg"] != "EdDSA"), "no trusted key has signed this file")
    root = ElementTree.parse(file).getroot()
    demand(root.tag == SPACE + "key" and root[-1].tag == "{http://www.w3.org/2000/09/xmldsig#}Signature", "this is no license file of version 1")
    today = time.strftime("%Y-%m-%d", time.gmtime(time.time() - DRIFT))
    start, end = root.findtext(SPACE + "start-date"), root.findtext(SPACE + "expiration-date")
    demand(start == "instant" or start <= time.strftime("%Y-%m-%d", time.gmtime(time.time() + DRIFT)), "the license is not valid yet")
    demand(end is None or today < end, "the license has expired")
    description = root.find(SPACE + "description")
    return root.findtext(SPACE + "key-number"), description.findtext(SPACE + "keytype"), [f.text for f in description.findall(SPACE + "feature")]


def xmlsec(file, certificate):
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as pem:
        pem.write(pem_of(certificate))
        pem.flush()
        return subprocess.run(
            ["xmlsec1", "--verify", "--enabled-key-data", "key-name", "--enabled-reference-uris", "empty", "--pubkey-cert-pem", pem.name, file],
            capture_output=True, check=False).returncode == 0


def check_status(document, root, number, trust):
    listed = signed_by_root(document, root, "keygate-status+jwt")
    number = int(number.split(".")[1])
    demand(listed["iat"] - DRIFT <= time.time() < listed["exp"] + DRIFT, "the status list is outdated")
    demand(listed["shard"] == number // SHARD, "the status list covers other keys")
    demand(listed["min-trust"] <= trust["seq"], "the trust bundle is outdated")
    bits = zlib.decompressobj().decompress(base64url_decode(listed["status_list"]["lst"]), SHARD // 4)
    status = bits[number % SHARD // 4] >> number % 4 * 2 & 3
    demand(status == 0, "the license is revoked" if status == 1 else "the license is suspended")


def main(root_file, trust_file, license_file, status_file=None, roots_file=None):
    # A product keeps the root that it followed to in place of what it shipped with.
    pem = text(root_file)
    root = jwk.JWK.from_pem(pem[pem.index("-----BEGIN"):].encode())
    if roots_file:
        root = follow(root, json.loads(text(roots_file))["roots"])

    # A product keeps the highest seq of the bundle, and of each shard's list, that it has seen, and refuses lower ones.
    trust = signed_by_root(text(trust_file), root, "keygate-trust+jwt")
    with open(license_file, "rb") as opened:
        is_file = opened.read(1) == b"<"
    number, key_type, features = license_of_file(license_file, trust["keys"]) if is_file else license_of_token(text(license_file), trust["keys"])
    if status_file:
        check_status(text(status_file), root, number, trust)
    print(" ".join(["valid", number, key_type, *features]))


try:
    given = sys.argv[1:]
    main(*given[2:], roots_file=given[1]) if given[:1] == ["--roots"] else main(*given)
except (Refused, JWException, ValueError, KeyError, TypeError) as error:
    print(f"refused: {error}", file=sys.stderr)
    sys.exit(1)
