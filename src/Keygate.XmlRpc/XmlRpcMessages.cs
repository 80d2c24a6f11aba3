namespace Keygate.XmlRpc;

/// <summary>A call as it was read.</summary>
/// <param name="Method">The name of the method.</param>
/// <param name="Parameters">Its arguments.</param>
public sealed record XmlRpcRequest(string Method, XmlRpcArray Parameters);

/// <summary>An answer as it was read: a value, or a fault in its place.</summary>
/// <param name="Value">The value; nil when there is a fault.</param>
/// <param name="Fault">The fault; null when there is a value.</param>
public sealed record XmlRpcResponse(XmlRpcValue Value, XmlRpcFault? Fault = null);
