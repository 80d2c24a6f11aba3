"""Peer of xmlrpc-echo: Python's own XML-RPC server, a thread for each connection."""
import socketserver
import sys
import xmlrpc.client
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer


class Handler(SimpleXMLRPCRequestHandler):
    protocol_version = "HTTP/1.1"
    rpc_paths = ("/",)


class Server(socketserver.ThreadingMixIn, SimpleXMLRPCServer):
    daemon_threads = True


def create_key(auth, address, client, key_type, plans, billing):
    return dict(
        resultCode=100,
        resultDesc="PLSK.00041207.0000 created.",
        mainKeyNumber="PLSK.00041207.0000",
        expirationDate=xmlrpc.client.DateTime("20260418T00:00:00"),
        updateDate=xmlrpc.client.DateTime("20260408T00:00:00"),
        productKey="K7T0Q2-ZP41M9-00RXV3-L8C5HD-3W6YFA",
        additionalKeysNumbers=[],
    )


server = Server(("127.0.0.1", int(sys.argv[1])), requestHandler=Handler, logRequests=False)
server.register_function(create_key, "partner10.createKey")
server.serve_forever()
