"""A Key Administrator of its own: the order methods of Partner API 1.0 (XML-RPC over TLS), written from the API's published description alone.

It is a test program. It shares no code with Keygate and speaks as loosely as the description allows: untyped strings, members in any order,
members left out where there is nothing to say, dates without a zone, an empty array where a struct is empty, one answer a connection.
Its books are a journal on disk, written through before each answer, and they survive its death. See README.md for the admin door.
"""

import argparse
import base64
import inspect
import json
import os
import random
import re
import signal
import ssl
import string
import sys
import threading
import time
import xmlrpc.client
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

PRICE_LIST = {
    "PLESK_10_AND_LATER": ("PLSK", "Plesk 10 and later for Unix (monthly lease)", "plesk", "MAIN"),
    "PLESK_10_AND_LATER_FOR_VZ": ("PLSK", "Plesk 10 and later for Virtuozzo (monthly lease)", "plesk", "MAIN"),
    "KAV_FOR_PLESK": ("KAV", "Kaspersky Antivirus for Plesk (monthly lease)", "kav", "ADDITIONAL"),
}
FEATURES = {"10_DOMAINS": "10 Domains", "30_DOMAINS": "30 Domains", "100_DOMAINS": "100 Domains", "POWER_PACK": "Power Pack"}
# Named changes of a key, which come back among the features.
UPGRADES = ["10_DOMAINS_TO_30_DOMAINS", "10_DOMAINS_TO_100_DOMAINS", "30_DOMAINS_TO_100_DOMAINS"]
KEY = re.compile(r"^([A-Z0-9]+)\.(\d{8})(\.\d{4})?$")
MAC = re.compile(r"^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$")
IPV4 = re.compile(r"^\d{1,3}(\.\d{1,3}){3}$")


class Refusal(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code, self.text = code, text


class Fault(Exception):
    pass


class HttpStatus(Exception):
    def __init__(self, status):
        super().__init__(str(status))
        self.status = status


class LostAnswer(Exception):
    pass


class Books:
    """The keys, in a journal: one line a change, on the disk before anybody hears of it."""

    def __init__(self, path):
        self.keys, self.lock = {}, threading.Lock()
        if os.path.exists(path):
            with open(path, encoding="utf-8") as journal:
                for line in journal:
                    # The last line may be torn: what it says was never answered.
                    if line.endswith("\n"):
                        key = json.loads(line)
                        self.keys[key["serial"]] = key
        self._cut_torn_line(path)
        self._journal = open(path, "a", encoding="utf-8")

    @staticmethod
    def _cut_torn_line(path):
        if os.path.exists(path):
            with open(path, "rb+") as journal:
                whole = journal.read()
                journal.truncate(whole.rfind(b"\n") + 1)

    def write(self, keys):
        for key in keys:
            self._journal.write(json.dumps(key) + "\n")
        self._journal.flush()
        os.fsync(self._journal.fileno())
        for key in keys:
            self.keys[key["serial"]] = key

    def all(self):
        return list(self.keys.values())

    def next_serial(self):
        # Numbers of a big administrator do not begin at one and have gaps.
        return max(self.keys, default=41206) + random.randint(1, 9)


class KeyAdministrator:
    def __init__(self, options):
        self.options = options
        self.books = Books(options.journal)
        self.script, self.script_lock = [], threading.Lock()
        self.ignores_addresses = options.ignore_addresses
        self.release, self.held = threading.Event(), 0
        self.calls = []

    # --- the order of checks: form of the credentials, credentials, form of the arguments, what they name, business rules

    def call(self, method, arguments):
        name = method.removeprefix("partner10.")
        self.calls.append(name)
        handler = getattr(self, "do_" + name, None) if method.startswith("partner10.") else None
        if handler is None:
            raise Fault(f"No such method: {method}")
        if not arguments or not isinstance(arguments[0], dict) or not all(isinstance(arguments[0].get(m), str) for m in ("login", "password")):
            raise Refusal(400, "Malformed AuthInfo.")
        if (arguments[0]["login"], arguments[0]["password"]) != (self.options.login, self.options.password):
            raise Refusal(200, "Authentication failed.")
        try:
            inspect.signature(handler).bind(*arguments[1:])
        except TypeError:
            raise Fault(f"No method matching arguments: {method}") from None
        return handler(*arguments[1:])

    def do_validateLogin(self):
        return 100, "Login is valid.", {}

    def do_getAvailableKeyTypesAndFeatures(self, client):
        self.check_client(client)
        types, features = list(PRICE_LIST), list(FEATURES) + UPGRADES
        random.shuffle(types)
        return 100, f"Key types: {', '.join(types)}. Features: {', '.join(features)}.", {"keyTypes": types, "features": features}

    def do_createKey(self, address, client, key_type, plans=(), *rest):
        with self.script_lock:
            step = self.script.pop(0) if self.script else {"do": "make"}
        what = step["do"]
        if what == "hold":
            # The request lies in a queue; the key is made when its turn comes, whoever still listens.
            self.held += 1
            self.release.wait()
            self.held -= 1
        elif what == "late":
            time.sleep(step["seconds"])
        elif what == "refuse":
            raise Refusal(step.get("code", 260), step.get("text", "The plan is not on your price list."))
        elif what == "http":
            raise HttpStatus(step.get("status", 503))
        answer = self.create(address, client, key_type, plans, *rest)
        if what == "lose":
            raise LostAnswer()
        if what == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    def create(self, address, client, key_type, plans, *rest):
        own, additional_types, billing = {}, [], "billing"
        if len(rest) == 1 and isinstance(rest[0], str):
            billing = rest[0]
        elif len(rest) in (3, 4) and isinstance(as_struct(rest[0]), dict) and isinstance(rest[1], list):
            own, additional_types = as_struct(rest[0]), rest[1]
            billing = rest[3] if len(rest) == 4 else billing
        elif rest:
            raise Fault("No method matching arguments: partner10.createKey")
        ips, macs = self.addresses(address)
        if billing.lower() not in ("billing", "purchase"):
            raise Fault(f"Unknown billing type {billing}.")
        self.check_client(client)
        for wanted in [key_type, *additional_types]:
            if wanted not in PRICE_LIST:
                raise Refusal(260, f"{wanted} is not on your price list.")
        for plan in plans:
            if plan not in FEATURES:
                raise Refusal(244, f"Feature {plan} is not applicable.")
        with self.books.lock:
            serial = self.books.next_serial()
            made = [self.new_key(serial, key_type, plans, billing, ips, macs, own.get("hwid") or own.get("guid"), None)]
            made += [self.new_key(serial + 1 + i, extra, [], billing, ips, macs, None, serial) for i, extra in enumerate(additional_types)]
            self.books.write(made)
        main = made[0]
        members = {
            "mainKeyNumber": number(main), "expirationDate": date(main["expires"]), "productKey": main["code"],
            "additionalKeysNumbers": [number(k) for k in made[1:]],
        }
        if main["updates"]:
            members["updateDate"] = date(main["updates"])
        return 100, f"{number(main)} created.", members

    def do_retrieveKey(self, key, previous=False):
        found = self.find(key)
        if found["terminated"]:
            raise Refusal(222, f"{number(found)} is terminated.")
        file = f'<?xml version="1.0" encoding="UTF-8"?>\n<key number="{number(found)}" type="{found["type"]}"/>\n'
        return 100, "OK", {"keyNumber": number(found), "key": file.encode(), "keyExtension": "xml"}

    def do_getKeyInfo(self, key):
        found = self.find(key)
        return 100, "OK", {"keyNumber": number(found), "keyInfo": self.details(found)}

    def do_getKeyNumbers(self, address):
        ips, macs = self.addresses(address)
        found = [] if self.ignores_addresses else [
            k for k in self.books.all() if set(ips) & set(k["ips"]) or set(macs) & set(k["macs"])]
        if not found:
            return 101, "No keys found.", {"detailResultCode": 0}
        random.shuffle(found)
        infos = [{
            "keyNumber": number(k), "keyType": PRICE_LIST[k["type"]][1], "type": PRICE_LIST[k["type"]][3], "billingType": k["billing"],
            "terminated": k["terminated"], "createDate": date(k["created"]),
        } for k in found]
        numbers = [i["keyNumber"] for i in infos]
        random.shuffle(infos)
        return 100, ", ".join(numbers), {"detailResultCode": 0, "keyNumbers": numbers, "keyInfos": infos}

    def do_terminateKey(self, key):
        with self.books.lock:
            found = self.find(key)
            if found["terminated"]:
                return 110, f"{number(found)} is terminated already.", {"keyNumber": number(found)}
            if found["billing"] == "PURCHASE":
                raise Refusal(232, f"{number(found)} does not support termination.")
            self.books.write([{**found, "terminated": True}])
        return 100, f"{number(found)} terminated.", {"keyNumber": number(found)}

    # --- what the methods share

    def check_client(self, client):
        # A numeric login may arrive as a number.
        if str(client) != self.options.client:
            raise Refusal(250, f"Client {client} not found.")

    def addresses(self, address):
        address = as_struct(address)
        if not isinstance(address, dict):
            raise Refusal(401, "Malformed ServerAddress.")
        ips, macs = address.get("ips") or [], address.get("macs") or []
        ips = [ips] if isinstance(ips, str) else ips
        for ip in ips:
            if not IPV4.match(ip) and ":" not in ip:
                raise Refusal(405, f"Malformed IP address {ip}.")
        for mac in macs:
            if not MAC.match(mac):
                raise Refusal(406, f"Malformed MAC address {mac}.")
        return list(ips), [m.upper().replace("-", ":") for m in macs]

    def new_key(self, serial, key_type, plans, billing, ips, macs, activated_for, parent):
        now = datetime.now().replace(microsecond=0)
        midnight = now.replace(hour=0, minute=0, second=0)
        lease = billing.lower() == "billing"
        alphabet = string.ascii_uppercase + string.digits
        return {
            "serial": serial, "prefix": PRICE_LIST[key_type][0], "revision": 0 if parent is None else 1, "type": key_type,
            "features": list(plans), "billing": "LEASE" if lease else "PURCHASE", "ips": ips, "macs": macs, "parent": parent, "terminated": False,
            "created": now.isoformat(), "updates": (midnight + timedelta(days=30)).isoformat() if lease else None,
            "expires": (midnight + timedelta(days=40)).isoformat(), "activated_for": activated_for,
            "code": "-".join("".join(random.choices(alphabet, k=6)) for _ in range(5)),
        }

    def find(self, key):
        for known in self.books.all():
            if key == known["code"]:
                return known
        match = KEY.match(key) if isinstance(key, str) else None
        if not match:
            raise Refusal(410, f"Malformed key number {key}.")
        found = self.books.keys.get(int(match.group(2)))
        if found is None or found["prefix"] != match.group(1):
            raise Refusal(220, f"Key {key} does not exist.")
        return found

    def details(self, key):
        _, name, family, kind = PRICE_LIST[key["type"]]
        members = {
            "clientId": 70231, "keyNumber": number(key), "keyType": name, "apiKeyType": key["type"], "type": kind, "expirationDate": date(key["expires"]),
            "productKey": key["code"], "createDate": date(key["created"]), "terminated": key["terminated"], "problem": False, "trial": False,
            "additionalKeys": [self.details(k) for k in self.books.all() if k["parent"] == key["serial"]],
            "features": [{"name": FEATURES[f], "apiName": f} for f in key["features"]] + [{"name": "Base", "apiName": "N/A"}],
            "properties": {}, "susAndSupportInfo": [], "billingType": key["billing"], "boundIPAddress": "", "productFamily": family,
        }
        if key["updates"]:
            members["updateDate"] = date(key["updates"])
        if key["parent"] is not None:
            members["parentKeyNumber"] = number(self.books.keys[key["parent"]])
        if key["activated_for"]:
            members |= {"activated": True, "guid": key["activated_for"]}
        return members


def number(key):
    return f'{key["prefix"]}.{key["serial"]:08}.{key["revision"]:04}'


def date(iso):
    return xmlrpc.client.DateTime(datetime.fromisoformat(iso))


def as_struct(value):
    # A loosely typed encoder writes an empty struct as an empty array.
    return {} if value == [] else value


def to_xml(value):
    if isinstance(value, bool):
        return f"<value><boolean>{int(value)}</boolean></value>"
    if isinstance(value, int):
        return f"<value><int>{value}</int></value>"
    if isinstance(value, str):
        # Both forms are legal, and either may be sent.
        return f"<value>{escape(value)}</value>" if random.random() < 0.5 else f"<value><string>{escape(value)}</string></value>"
    if isinstance(value, bytes):
        return f"<value><base64>\n{base64.encodebytes(value).decode()}</base64></value>"
    if isinstance(value, xmlrpc.client.DateTime):
        return f"<value><dateTime.iso8601>{value.value}</dateTime.iso8601></value>"
    if isinstance(value, list) or value == {}:
        return "<value><array><data>" + "".join(to_xml(v) for v in value) + "</data></array></value>"
    members = list(value.items())
    random.shuffle(members)
    return "<value><struct>\n" + "".join(f"<member><name>{escape(n)}</name>{to_xml(v)}</member>\n" for n, v in members) + "</struct></value>"


def partner_door(administrator):
    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            if self.path not in ("/", "/xmlrpc", "/RPC2"):
                return self.send_error(404)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                arguments, method = xmlrpc.client.loads(body)
            except Exception as e:
                return self.answer(fault(f"Failed to parse XML-RPC request: {e}"))
            try:
                code, text, members = administrator.call(method or "", list(arguments))
                xml = response({"resultCode": code, "resultDesc": text, **members})
            except Refusal as refusal:
                xml = response({"resultCode": refusal.code, "resultDesc": refusal.text})
            except Fault as e:
                xml = fault(str(e))
            except HttpStatus as e:
                return self.send_error(e.status)
            except LostAnswer:
                self.close_connection = True
                return None
            return self.answer(xml)

        def answer(self, xml):
            body = xml.encode()
            try:
                self.send_response(200)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # Nobody listens any more.

        def log_message(self, *_):
            pass

    return Door


def response(members):
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<methodResponse><params><param>{to_xml(members)}</param></params></methodResponse>'


def fault(text):
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<methodResponse><fault>'
            + to_xml({"faultCode": 0, "faultString": text}) + "</fault></methodResponse>")


def admin_door(administrator):
    class Admin(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/keys":
                return self.reply([{"number": number(k), **k} for k in sorted(administrator.books.all(), key=lambda k: k["serial"])])
            if self.path == "/calls":
                return self.reply({"calls": administrator.calls, "held": administrator.held, "script": administrator.script})
            return self.send_error(404)

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path == "/script":
                with administrator.script_lock:
                    administrator.script.extend(json.loads(body))
            elif self.path == "/addresses":
                administrator.ignores_addresses = json.loads(body)["ignore"]
            elif self.path == "/release":
                administrator.release.set()
            else:
                return self.send_error(404)
            return self.reply({})

        def reply(self, value):
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Admin


class TlsServer(ThreadingHTTPServer):
    """The handshake is made in the connection's own thread, so that a slow client holds up nobody."""

    daemon_threads = True

    def __init__(self, address, handler, context):
        self.context = context
        super().__init__(address, handler)

    def finish_request(self, request, client_address):
        request.settimeout(30)
        with self.context.wrap_socket(request, server_side=True) as secured:
            secured.settimeout(None)
            super().finish_request(secured, client_address)

    def handle_error(self, request, client_address):
        pass  # A client that went away; its key, if one was made, is in the books.


def main():
    parser = argparse.ArgumentParser(description="A Key Administrator for tests: Partner API 1.0 over TLS, keys in a journal.")
    parser.add_argument("--journal", required=True, help="the file with the books; made where there is none")
    parser.add_argument("--certificate", required=True, help="PEM")
    parser.add_argument("--key", required=True, help="PEM")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--admin-port", type=int, default=0)
    parser.add_argument("--login", default="northwind-api")
    parser.add_argument("--password", default="s3cret")
    parser.add_argument("--client", default="northwind")
    parser.add_argument("--ignore-addresses", action="store_true", help="getKeyNumbers does not look at the addresses given at creation")
    options = parser.parse_args()

    administrator = KeyAdministrator(options)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)
    partner = TlsServer(("127.0.0.1", options.port), partner_door(administrator), context)
    admin = ThreadingHTTPServer(("127.0.0.1", options.admin_port), admin_door(administrator))
    admin.daemon_threads = True
    threading.Thread(target=admin.serve_forever, daemon=True).start()
    print(json.dumps({"port": partner.server_port, "adminPort": admin.server_port}), flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    partner.serve_forever()


if __name__ == "__main__":
    main()
