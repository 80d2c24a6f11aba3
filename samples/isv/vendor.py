"""A vendor's endpoint for Keygate: gives license bodies for third-party products (docs/operate/vendors.md).

    python3 vendor.py books.json 8080

Nothing but Python's standard library. It listens on loopback and prints its port: put TLS and an allow-list before it. What was sold stands in one file, written
before the answer leaves; a repeated question gets the same answer, so that it may be added with --repeats true. How it answers GET-INFO is its own: --reports-usage true.

The environment variable FAULT says how to misbehave, for tests, read from a file for each question: refuse, drop (act, then cut the connection), slow."""
import json
import os
import secrets
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

BOOKS, PORT = sys.argv[1], int(sys.argv[2])
FORM_MAX = 1024 * 1024
LOCK = threading.Lock()


def read():
    if not os.path.exists(BOOKS):
        return {}
    with open(BOOKS, encoding="utf-8") as file:
        return json.load(file)


def write(books):
    with open(BOOKS + ".new", "w", encoding="utf-8") as file:
        json.dump(books, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(BOOKS + ".new", BOOKS)


def fault():
    path = os.environ.get("FAULT", "")
    if path and os.path.exists(path):
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    return ""


class Refused(Exception):
    pass


def act(action, purchase, product, previous, test):
    """What the books say afterwards, and the answer. A question that was answered before is answered alike."""
    books = read()
    sold = books.get(purchase)
    if action == "PURCHASE":
        if sold is None:
            sold = books[purchase] = {"product": product, "body": "LIC-" + secrets.token_hex(8), "test": test, "terms": 1, "live": True, "log": []}
        answer = sold["body"]
    elif sold is None:
        raise Refused("unknown purchase")
    elif action == "GET-INFO":
        return "users=3\n"
    elif action == "TERMINATE":
        sold["live"], answer = False, ""
    elif action in ("RENEW", "UPGRADE"):
        if not sold["live"]:
            raise Refused("the license was terminated")
        # The question says from which body it starts: once moved on, a repeat finds that it was answered.
        if previous == sold["body"] or not previous:
            sold["before"], sold["body"] = sold["body"], "LIC-" + secrets.token_hex(8)
            sold["terms"] += action == "RENEW"
            sold["product"] = product
        elif previous != sold.get("before"):
            raise Refused("the previous license body is none of ours")
        answer = sold["body"]
    else:
        raise Refused("unknown action " + action)
    sold["log"].append(action)
    write(books)
    return answer


class Vendor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        form = parse_qs(self.rfile.read(min(int(self.headers.get("Content-Length", 0)), FORM_MAX)).decode("latin-1"), keep_blank_values=True, encoding="latin-1")
        field = {name: values[0] for name, values in form.items()}
        mishap = fault()
        if mishap == "refuse":
            return self.answer(400, "sold out")
        try:
            with LOCK:
                body = act(field.get("APS_ACTION", ""), field.get("PURCHASE_ID", ""), field.get("PRODUCT_ID", ""), field.get("PREVIOUS_LICENSE_BODY", ""), field.get("APS_TEST_MODE") == "Y")
        except Refused as refusal:
            return self.answer(400, str(refusal))
        if mishap == "drop":
            self.close_connection = True
            return self.connection.close()
        if mishap == "slow":
            time.sleep(3)
        return self.answer(200, body)

    def answer(self, status, text):
        octets = text.encode("latin-1")
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", PORT), Vendor)
print(server.server_port, flush=True)
server.serve_forever()
