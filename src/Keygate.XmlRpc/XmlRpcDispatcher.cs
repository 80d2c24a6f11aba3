using System.Buffers;
using System.IO.Pipelines;

namespace Keygate.XmlRpc;

/// <summary>Carries out one form of a method.</summary>
/// <param name="arguments">The arguments; their number and types fit the signature.</param>
/// <param name="context">What the door knows of the caller.</param>
/// <param name="cancellationToken">Ends when the caller's answer is no longer wanted.</param>
/// <returns>The value to answer with. Throw <see cref="XmlRpcFaultException"/> for a fault.</returns>
public delegate ValueTask<XmlRpcValue> XmlRpcHandler<in TContext>(
    XmlRpcArguments arguments,
    TContext context,
    CancellationToken cancellationToken);

/// <summary>The arguments of one call.</summary>
public readonly struct XmlRpcArguments
{
    private readonly XmlRpcArray _values;

    internal XmlRpcArguments(XmlRpcArray values) => _values = values;

    /// <summary>How many were sent.</summary>
    public int Count => _values?.Count ?? 0;

    /// <summary>The argument at that place, from 0; nil where an optional one was left out.</summary>
    public XmlRpcValue this[int index] => index < Count ? _values[index] : default;
}

/// <summary>One form of a method, as it was registered.</summary>
/// <param name="Method">The name.</param>
/// <param name="Signature">The parameters.</param>
public sealed record XmlRpcMethod(string Method, XmlRpcSignature Signature);

/// <summary>
/// Finds the method that a call means, by its name and by the number and types of its arguments, and runs it. Whatever arrives is
/// answered: unreadable XML, unknown methods, wrong types and crashes of a handler become faults. Register first, then answer: answering
/// is safe from any number of threads, registering is not.
/// </summary>
/// <typeparam name="TContext">What a door tells its handlers of the caller.</typeparam>
public sealed class XmlRpcDispatcher<TContext>
{
    private readonly Dictionary<string, List<Form>> _methods = new(StringComparer.Ordinal);
    private readonly Func<string, Exception, TContext, XmlRpcFault>? _onCrash;

    /// <summary>A dispatcher without methods.</summary>
    /// <param name="limits">Bounds on requests; null means <see cref="XmlRpcLimits.Server"/>.</param>
    /// <param name="onCrash">Is told the method and the exception that a handler did not mean to throw, and says which fault the caller
    /// gets (a trace id, never the exception's text). Without it the caller gets -32603.</param>
    public XmlRpcDispatcher(XmlRpcLimits? limits = null, Func<string, Exception, TContext, XmlRpcFault>? onCrash = null)
    {
        Limits = limits ?? XmlRpcLimits.Server;
        _onCrash = onCrash;
    }

    /// <summary>Bounds on requests.</summary>
    public XmlRpcLimits Limits { get; }

    /// <summary>All forms of all methods, by name.</summary>
    public IEnumerable<XmlRpcMethod> Methods => _methods
        .OrderBy(m => m.Key, StringComparer.Ordinal)
        .SelectMany(m => m.Value.Select(f => new XmlRpcMethod(m.Key, f.Signature)));

    /// <summary>
    /// Adds one form of a method. Of several forms that fit a call, the one is taken for which the fewest arguments are of a merely
    /// tolerated type, then the one registered first.
    /// </summary>
    /// <exception cref="ArgumentException">A form is there already that takes some of the same calls.</exception>
    public XmlRpcDispatcher<TContext> Register(string method, XmlRpcSignature signature, XmlRpcHandler<TContext> handler)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentNullException.ThrowIfNull(handler);
        if (!_methods.TryGetValue(method, out var forms))
        {
            _methods.Add(method, forms = []);
        }

        if (forms.Find(f => f.Signature.Overlaps(signature)) is { } twin)
        {
            throw new ArgumentException($"{method}{signature} cannot be told apart from {method}{twin.Signature}.", nameof(signature));
        }

        forms.Add(new(signature, handler));
        return this;
    }

    /// <summary>Runs a call that was read. Throws only <see cref="OperationCanceledException"/>, when the caller has gone.</summary>
    public async ValueTask<XmlRpcResponse> DispatchAsync(XmlRpcRequest request, TContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!_methods.TryGetValue(request.Method, out var forms))
        {
            return new(default, new(XmlRpcFaultCodes.MethodNotFound, $"There is no method {request.Method}."));
        }

        if (Choose(forms, request.Parameters) is not { } form)
        {
            return new(default, new(XmlRpcFaultCodes.InvalidParameters, Mismatch(request, forms)));
        }

        try
        {
            return new(await form.Handler(new(request.Parameters), context, cancellationToken));
        }
        catch (XmlRpcFaultException refused)
        {
            return new(default, refused.Fault);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception crash)
        {
            return new(default, FaultOf(request.Method, crash, context));
        }
    }

    /// <summary>Reads a call from the bytes of a request, runs it, and writes the answer. Dispose the buffer once it is sent.</summary>
    /// <param name="body">The whole body. It is not touched after this method first waits for a handler.</param>
    /// <param name="charset">The encoding that the transport declared, if any.</param>
    /// <param name="context">What the door knows of the caller.</param>
    /// <param name="cancellationToken">Ends when the caller's answer is no longer wanted.</param>
    public ValueTask<XmlRpcBuffer> AnswerAsync(
        in ReadOnlySequence<byte> body,
        string? charset,
        TContext context,
        CancellationToken cancellationToken)
    {
        XmlRpcRequest request;
        try
        {
            request = XmlRpcReader.ReadRequest(body, Limits, charset);
        }
        catch (XmlRpcFormatException unreadable)
        {
            return new(FaultBuffer(unreadable.Fault));
        }

        return AnswerAsync(request, context, cancellationToken);
    }

    /// <summary>
    /// Reads a call from the body of a request, no more of it than <see cref="XmlRpcLimits.BytesMax"/>, runs it, and writes the answer.
    /// A body that breaks off throws what its reader throws: there is nobody left to answer.
    /// </summary>
    /// <inheritdoc cref="AnswerAsync(in ReadOnlySequence{byte}, string?, TContext, CancellationToken)"/>
    public async ValueTask<XmlRpcBuffer> AnswerAsync(PipeReader body, string? charset, TContext context, CancellationToken cancellationToken)
    {
        XmlRpcRequest request;
        try
        {
            request = await XmlRpcReader.ReadRequestAsync(body, Limits, charset, cancellationToken);
        }
        catch (XmlRpcFormatException unreadable)
        {
            return FaultBuffer(unreadable.Fault);
        }

        return await AnswerAsync(request, context, cancellationToken);
    }

    private async ValueTask<XmlRpcBuffer> AnswerAsync(XmlRpcRequest request, TContext context, CancellationToken cancellationToken)
    {
        var response = await DispatchAsync(request, context, cancellationToken);
        if (response.Fault is { } fault)
        {
            return FaultBuffer(fault);
        }

        var buffer = new XmlRpcBuffer();
        try
        {
            XmlRpcWriter.WriteResponse(buffer, response.Value);
            return buffer;
        }
        catch (Exception crash)
        {
            buffer.Dispose();
            return FaultBuffer(FaultOf(request.Method, crash, context));
        }
    }

    private static Form? Choose(List<Form> forms, XmlRpcArray arguments)
    {
        Form? best = null;
        var least = int.MaxValue;
        foreach (var form in forms)
        {
            var tolerated = form.Signature.Fit(arguments);
            if (tolerated >= 0 && tolerated < least)
            {
                best = form;
                least = tolerated;
            }

            if (least == 0)
            {
                break;
            }
        }

        return best;
    }

    private static string Mismatch(XmlRpcRequest request, List<Form> forms) =>
        $"{request.Method} takes {string.Join(" or ", forms.Select(f => f.Signature))}; it was called with "
        + $"({string.Join(", ", request.Parameters.Select(p => XmlRpcValue.NameOf(p.Kind)))}).";

    private XmlRpcFault FaultOf(string method, Exception crash, TContext context) =>
        _onCrash?.Invoke(method, crash, context) ?? new(XmlRpcFaultCodes.InternalError, "The server failed while carrying out the call.");

    private static XmlRpcBuffer FaultBuffer(XmlRpcFault fault)
    {
        var buffer = new XmlRpcBuffer();
        XmlRpcWriter.WriteFault(buffer, fault);
        return buffer;
    }

    private sealed record Form(XmlRpcSignature Signature, XmlRpcHandler<TContext> Handler);
}
