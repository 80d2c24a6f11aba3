using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Keygate.XmlRpc;
using Shouldly;
using Xunit;

namespace Keygate.Tests.XmlRpc;

public sealed class XmlRpcDispatcherTests
{
    private static readonly XmlRpcStruct Auth = new() { ["login"] = "a", ["password"] = "b" };

    private static readonly XmlRpcParameter Fields = XmlRpcLenient.Struct;
    private static readonly XmlRpcParameter Text = XmlRpcLenient.Text;
    private static readonly XmlRpcParameter List = XmlRpcLenient.Array;
    private static readonly XmlRpcParameter Flag = XmlRpcLenient.Flag;

    [Fact]
    public async Task Tells_the_four_forms_of_sendKeyByEmail_apart()
    {
        var dispatcher = Forms(
            new(Fields, Text),
            new(Fields, Text, Flag),
            new(Fields, Text, XmlRpcKinds.String),
            new(Fields, Text, XmlRpcKinds.String, Flag));

        (await CallAsync(dispatcher, Auth, "PLSK.1")).ShouldBe(0);
        (await CallAsync(dispatcher, Auth, "PLSK.1", true)).ShouldBe(1);
        (await CallAsync(dispatcher, Auth, "PLSK.1", "a@example.org")).ShouldBe(2);
        (await CallAsync(dispatcher, Auth, "PLSK.1", "a@example.org", false)).ShouldBe(3);
    }

    [Fact]
    public async Task Tells_the_forms_of_upgradeKey_apart()
    {
        var dispatcher = Forms(
            new(Fields, Text, XmlRpcKinds.String),
            new(Fields, Text, XmlRpcKinds.String, XmlRpcKinds.String),
            new(Fields, Text, XmlRpcKinds.Array, Text.Optional));

        (await CallAsync(dispatcher, Auth, "PLSK.1", "PLAN")).ShouldBe(0);
        (await CallAsync(dispatcher, Auth, "PLSK.1", "PLAN", "purchase")).ShouldBe(1);
        (await CallAsync(dispatcher, Auth, "PLSK.1", XmlRpcArray.Create("PLAN"))).ShouldBe(2);
        (await CallAsync(dispatcher, Auth, "PLSK.1", XmlRpcArray.Create("PLAN"), "purchase")).ShouldBe(2);
    }

    [Fact]
    public async Task Tells_the_four_forms_of_createKey_apart()
    {
        var dispatcher = Forms(
            new(Fields, Fields, Text, Text, List.Optional),
            new(Fields, Fields, Text, Text, List, XmlRpcKinds.String),
            new(Fields, Fields, Text, Text, List, Fields, List, Fields),
            new(Fields, Fields, Text, Text, List, Fields, List, Fields, XmlRpcKinds.String));
        XmlRpcValue[] nine =
            [Auth, new XmlRpcStruct(), "northwind", "PLESK", new XmlRpcArray(), new XmlRpcStruct(), new XmlRpcArray(), new XmlRpcStruct(), "billing"];

        (await CallAsync(dispatcher, nine[..4])).ShouldBe(0);
        (await CallAsync(dispatcher, nine[..5])).ShouldBe(0);
        (await CallAsync(dispatcher, [.. nine[..5], "billing"])).ShouldBe(1);
        (await CallAsync(dispatcher, nine[..8])).ShouldBe(2);
        (await CallAsync(dispatcher, nine)).ShouldBe(3);
        (await CallAsync(dispatcher, [.. nine[..5], 7])).ShouldBeNull();
        (await CallAsync(dispatcher, nine[..7])).ShouldBeNull();
    }

    [Fact]
    public async Task Takes_what_sloppy_clients_send_where_no_form_fits_better()
    {
        var dispatcher = Forms(new(Fields, Text), new(Fields, Text, Flag), new(Fields, Text, Text));

        (await CallAsync(dispatcher, Auth, 12345)).ShouldBe(0);
        (await CallAsync(dispatcher, new XmlRpcArray(), "x")).ShouldBe(0);
        (await CallAsync(dispatcher, "", "x")).ShouldBe(0);
        (await CallAsync(dispatcher, Auth, "x", 1)).ShouldBe(1);
        (await CallAsync(dispatcher, Auth, "x", 1.5)).ShouldBe(2);
        (await CallAsync(dispatcher, XmlRpcArray.Create("a"), "x")).ShouldBeNull();
    }

    [Fact]
    public async Task Takes_nil_for_an_optional_argument_only()
    {
        var dispatcher = Forms(new XmlRpcSignature(XmlRpcKinds.String, ((XmlRpcParameter)XmlRpcKinds.String).Optional));

        (await CallAsync(dispatcher, "a", XmlRpcValue.Nil)).ShouldBe(0);
        (await CallAsync(dispatcher, XmlRpcValue.Nil, "a")).ShouldBeNull();
    }

    [Fact]
    public void Refuses_to_register_forms_that_cannot_be_told_apart()
    {
        var dispatcher = Forms(new(Fields, Text), new(Fields, Text, Flag));

        Should.Throw<ArgumentException>(() => dispatcher.Register("m", new(Fields, XmlRpcKinds.String), Never))
            .Message.ShouldStartWith("m(struct, string) cannot be told apart from m(struct, string).");
        Should.Throw<ArgumentException>(() => dispatcher.Register("m", new(Fields, Text.Optional), Never));
        Should.Throw<ArgumentException>(() => new XmlRpcSignature(Fields.Optional, Text));
    }

    [Fact]
    public void Lists_its_methods_with_their_forms() =>
        Forms(new(Fields, Text), new(Fields, Text, Flag, XmlRpcLenient.Whole.Optional, ((XmlRpcParameter)(XmlRpcKinds.Int | XmlRpcKinds.String)).Optional))
            .Methods.Select(m => m.Method + m.Signature)
            .ShouldBe(["m(struct, string)", "m(struct, string, boolean, int?, int|string?)"]);

    [Theory]
    [InlineData("nonsense", XmlRpcFaultCodes.NotWellFormed)]
    [InlineData("<methodCall><methodName>m</methodName><x/></methodCall>", XmlRpcFaultCodes.InvalidXmlRpc)]
    [InlineData("<?xml version='1.0' encoding='utf-7'?><methodCall/>", XmlRpcFaultCodes.UnsupportedEncoding)]
    [InlineData("<methodCall><methodName>m\u0001</methodName></methodCall>", XmlRpcFaultCodes.InvalidCharacter)]
    [InlineData("<methodCall><methodName>nobody</methodName></methodCall>", XmlRpcFaultCodes.MethodNotFound)]
    [InlineData("<methodCall><methodName>m</methodName></methodCall>", XmlRpcFaultCodes.InvalidParameters)]
    public async Task Answers_what_it_cannot_carry_out_with_the_fault_for_it(string body, int code)
    {
        var response = await AnswerAsync(Forms(new XmlRpcSignature(Fields)), body);

        response.Fault.ShouldNotBeNull().Code.ShouldBe(code);
    }

    [Fact]
    public async Task Says_which_forms_a_method_has_when_none_fits()
    {
        var dispatcher = Forms(new(Fields, Text), new(Fields, Text, Flag));

        var response = await dispatcher.DispatchAsync(new("m", ["s3cret", 1]), "", CancellationToken.None);

        response.Fault.ShouldBe(new(-32602, "m takes (struct, string) or (struct, string, boolean); it was called with (string, int)."));
    }

    [Fact]
    public async Task Answers_a_fault_that_a_handler_throws_as_it_is()
    {
        var dispatcher = new XmlRpcDispatcher<string>().Register("m", new(), (_, _, _) => throw new XmlRpcFaultException(42, "No."));

        (await dispatcher.DispatchAsync(new("m", []), "", CancellationToken.None)).Fault.ShouldBe(new(42, "No."));
    }

    [Fact]
    public async Task Answers_a_crash_without_its_text_and_tells_the_door()
    {
        (string Method, Exception Crash, string Context) told = default;
        XmlRpcHandler<string> crashing = async (_, _, _) =>
        {
            await Task.Yield();
            throw new InvalidOperationException("secret detail");
        };
        var silent = new XmlRpcDispatcher<string>().Register("m", new(), crashing);
        var telling = new XmlRpcDispatcher<string>(onCrash: (method, crash, context) =>
        {
            told = (method, crash, context);
            return new(-32603, "Trace 17.");
        }).Register("m", new(), crashing);

        (await AnswerAsync(silent, "<methodCall><methodName>m</methodName></methodCall>")).Fault
            .ShouldBe(new(XmlRpcFaultCodes.InternalError, "The server failed while carrying out the call."));
        (await AnswerAsync(telling, "<methodCall><methodName>m</methodName></methodCall>")).Fault.ShouldBe(new(-32603, "Trace 17."));
        told.Method.ShouldBe("m");
        told.Crash!.Message.ShouldBe("secret detail");
        told.Context.ShouldBe("context");
    }

    [Fact]
    public async Task Answers_an_argument_of_an_unexpected_inner_type_with_invalid_parameters()
    {
        var dispatcher = new XmlRpcDispatcher<string>()
            .Register("m", new XmlRpcSignature(XmlRpcKinds.Struct), (args, _, _) => new(args[0].AsStruct()["login"].AsString()));

        (await dispatcher.DispatchAsync(new("m", [new XmlRpcStruct()]), "", CancellationToken.None)).Fault
            .ShouldBe(new(XmlRpcFaultCodes.InvalidParameters, "Member 'login' is missing."));
        (await dispatcher.DispatchAsync(new("m", [new XmlRpcStruct { ["login"] = 5 }]), "", CancellationToken.None)).Fault
            .ShouldBe(new(XmlRpcFaultCodes.InvalidParameters, "string expected, int found."));
    }

    [Fact]
    public async Task Answers_a_value_that_cannot_be_written_with_an_internal_error()
    {
        var endless = new XmlRpcArray();
        endless.Add(endless);
        var dispatcher = new XmlRpcDispatcher<string>().Register("m", new(), (_, _, _) => new(endless));

        (await AnswerAsync(dispatcher, "<methodCall><methodName>m</methodName></methodCall>")).Fault!.Code.ShouldBe(XmlRpcFaultCodes.InternalError);
    }

    [Fact]
    public async Task Lets_the_cancellation_of_the_caller_through_and_no_other()
    {
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        var dispatcher = new XmlRpcDispatcher<string>()
            .Register("caller", new(), (_, _, token) => throw new OperationCanceledException(token))
            .Register("other", new(), (_, _, _) => throw new OperationCanceledException("a time-out inside"));

        await Should.ThrowAsync<OperationCanceledException>(() => dispatcher.DispatchAsync(new("caller", []), "", gone.Token).AsTask());
        (await dispatcher.DispatchAsync(new("other", []), "", CancellationToken.None)).Fault!.Code.ShouldBe(XmlRpcFaultCodes.InternalError);
    }

    [Fact]
    public async Task Reads_a_body_that_arrives_byte_by_byte()
    {
        var pipe = new Pipe();
        var answering = Forms(new XmlRpcSignature(XmlRpcKinds.Int)).AnswerAsync(pipe.Reader, null, "context", CancellationToken.None);
        foreach (var b in "<methodCall><methodName>m</methodName><params><param><value><int>1</int></value></param></params></methodCall>"u8.ToArray())
        {
            await pipe.Writer.WriteAsync(new[] { b });
        }

        await pipe.Writer.CompleteAsync();
        using var answer = await answering;

        XmlRpcReader.ReadResponse(answer.Span).Value.AsInt().ShouldBe(0);
    }

    [Fact]
    public async Task Stops_reading_a_body_at_the_limit()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var dispatcher = new XmlRpcDispatcher<string>(new XmlRpcLimits { BytesMax = 1000 });
        await pipe.Writer.WriteAsync(new byte[2000]);

        using var answer = await dispatcher.AnswerAsync(pipe.Reader, null, "", CancellationToken.None);

        XmlRpcReader.ReadResponse(answer.Span).Fault.ShouldBe(new(XmlRpcFaultCodes.InvalidXmlRpc, "The document is longer than 1000 bytes."));
    }

    private static XmlRpcDispatcher<string> Forms(params ReadOnlySpan<XmlRpcSignature> signatures)
    {
        var dispatcher = new XmlRpcDispatcher<string>();
        for (var i = 0; i < signatures.Length; i++)
        {
            var number = i;
            dispatcher.Register("m", signatures[i], (_, _, _) => new(number));
        }

        return dispatcher;
    }

    /// <summary>The number of the form that was chosen; null when none fits.</summary>
    private static async Task<int?> CallAsync(XmlRpcDispatcher<string> dispatcher, params XmlRpcValue[] arguments)
    {
        var response = await dispatcher.DispatchAsync(new("m", [.. arguments]), "", CancellationToken.None);
        response.Fault?.Code.ShouldBe(XmlRpcFaultCodes.InvalidParameters);
        return response.Fault is null ? response.Value.AsInt() : null;
    }

    private static async Task<XmlRpcResponse> AnswerAsync(XmlRpcDispatcher<string> dispatcher, string body)
    {
        using var answer = await dispatcher.AnswerAsync(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body)), null, "context", CancellationToken.None);
        return XmlRpcReader.ReadResponse(answer.Span);
    }

    private static ValueTask<XmlRpcValue> Never(XmlRpcArguments arguments, string context, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("This form is never called.");
}
