"""A remote signer for Keygate: keeps one signing key and signs what it is asked to (docs/operate/signing-keys.md).

    openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out key.pem
    openssl req -x509 -new -key key.pem -subj "/CN=Example signing key 1" -days 10950 -out certificate.pem
    SIGNER_TOKEN=... python3 signer.py key.pem certificate.pem 8443

Nothing but Python's standard library and the openssl command. It listens on loopback and prints its port: put TLS, an allow-list and a log before it, or
let a hardware module sign in sign()."""
import base64
import hmac
import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY, CERTIFICATE, PORT = sys.argv[1], sys.argv[2], int(sys.argv[3])
TOKEN = os.environ["SIGNER_TOKEN"]
REQUEST_MAX = 2 * 1024 * 1024


def sign(algorithm, octets):
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", KEY], input=octets, capture_output=True, check=True).stdout
    return raw(signature) if algorithm == "ES256" else signature


def raw(der):
    """r and s of 32 octets each, out of the two integers that openssl writes."""
    r_length = der[3]
    r, s = der[4:4 + r_length], der[6 + r_length:6 + r_length + der[5 + r_length]]
    return r.lstrip(b"\0").rjust(32, b"\0") + s.lstrip(b"\0").rjust(32, b"\0")


class Signer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.is_allowed():
            with open(CERTIFICATE, encoding="ascii") as certificate:
                self.answer(200, {"certificate": certificate.read()})

    def do_POST(self):
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), REQUEST_MAX))
        if self.is_allowed():
            request = json.loads(body)
            if request["algorithm"] not in ("ES256", "RS256"):
                self.answer(400, {"error": "This key signs with ES256 or RS256."})
            else:
                signature = sign(request["algorithm"], base64.b64decode(request["octets"]))
                self.answer(200, {"signature": base64.b64encode(signature).decode()})

    def is_allowed(self):
        if hmac.compare_digest(self.headers.get("Authorization", ""), "Bearer " + TOKEN):
            return True
        self.answer(401, {"error": "The token is wrong."})
        return False

    def answer(self, status, body):
        octets = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", PORT), Signer)
print(server.server_port, flush=True)
server.serve_forever()
