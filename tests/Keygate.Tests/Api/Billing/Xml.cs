using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Keygate.Tests.Orders;
using Keygate.XmlRpc;
using Shouldly;

namespace Keygate.Tests.Api.Billing;

/// <summary>Calls as clients write them, and answers as clients read them.</summary>
internal static partial class Xml
{
    /// <summary>A call as the common Python client sends it: three members and no more.</summary>
    public static string Call(string server, string method, params XmlRpcValue[] parameters) => Call(server, method, [], parameters);

    /// <summary>A call with further members of the wrapper.</summary>
    public static string Call(string server, string method, (string Name, XmlRpcValue Value)[] more, params XmlRpcValue[] parameters)
    {
        var wrapper = new XmlRpcStruct { ["Params"] = XmlRpcArray.Create(parameters), ["Server"] = server, ["Method"] = method };
        foreach (var (name, value) in more)
        {
            wrapper[name] = value;
        }

        using var buffer = new XmlRpcBuffer();
        XmlRpcWriter.WriteRequest(buffer, "Execute", [wrapper]);
        return Encoding.UTF8.GetString(buffer.Span);
    }

    /// <summary>The struct of an answer; fails with the fault's text where there is one.</summary>
    public static async Task<XmlRpcStruct> DoneAsync(this OrdersHouse house, string xml)
    {
        var (_, text, _) = await house.XmlRpcAsync(xml);
        var response = XmlRpcReader.ReadResponse(Encoding.UTF8.GetBytes(text));
        response.Fault.ShouldBeNull(response.Fault is null ? null : Plain(response.Fault));
        return response.Value.AsStruct();
    }

    /// <summary>The one element of <c>Result</c>.</summary>
    public static async Task<XmlRpcValue> ResultAsync(this OrdersHouse house, string xml)
    {
        var result = (await house.DoneAsync(xml))["Result"].AsArray();
        result.Count.ShouldBe(1);
        return result[0];
    }

    /// <summary>The code and the decoded text of a fault.</summary>
    public static async Task<(int Code, string Text)> FaultAsync(this OrdersHouse house, string xml)
    {
        var (_, text, _) = await house.XmlRpcAsync(xml);
        var fault = XmlRpcReader.ReadResponse(Encoding.UTF8.GetBytes(text)).Fault.ShouldNotBeNull(text);
        return (fault.Code, Plain(fault));
    }

    /// <summary>Its text, base64 or plain, as the reference tells clients to read it.</summary>
    public static string Plain(XmlRpcFault fault)
    {
        var bytes = new byte[fault.Text.Length];
        return Convert.TryFromBase64String(fault.Text, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : fault.Text;
    }

    /// <summary>Raw requests and answers, for an approval file: what base64 holds stands beside it, and traces are left out.</summary>
    public static string Exchange(string title, string request, HttpStatusCode status, string answer)
    {
        var coded = Coded().Match(answer);
        var plain = "";
        if (coded.Success)
        {
            plain = $"base64: {Trace().Replace(Plain(new XmlRpcFault(0, coded.Groups[1].Value)), "...").TrimEnd('\n')}\\n\n";
            answer = answer.Replace(coded.Groups[1].Value, "...", StringComparison.Ordinal);
        }

        return $"== {title}\n{request.Trim()}\n-- {(int)status}\n{Trace().Replace(answer, "...")}\n{plain}\n";
    }

    [GeneratedRegex("<name>faultString</name><value><string>([A-Za-z0-9+/=]+)</string>", RegexOptions.None, 1000)]
    private static partial Regex Coded();

    [GeneratedRegex(@"\[request [^\]]*\]|(?<=this node is )[0-9a-f]{8}", RegexOptions.None, 1000)]
    private static partial Regex Trace();
}
