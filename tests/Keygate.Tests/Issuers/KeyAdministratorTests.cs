using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Keygate.Issuers;
using Keygate.Plugins.Abstractions;
using Keygate.Testing;
using Keygate.XmlRpc;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;
using static Keygate.Tests.Issuers.PartnerServer;

namespace Keygate.Tests.Issuers;

public sealed class KeyAdministratorTests(KeyAdministratorTests.OneServer one) : IClassFixture<KeyAdministratorTests.OneServer>, IAsyncLifetime
{
    private const string Trace = "02:1f:aa:00:9c:3e";
    private static readonly DateTime Midnight = new(2026, 4, 18, 0, 0, 0, DateTimeKind.Unspecified);

    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private readonly List<IPlugin> _plugins = [];
    private readonly PartnerServer _server = one.Server;

    public ValueTask InitializeAsync()
    {
        _server.Forget();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var plugin in _plugins)
        {
            await plugin.DisposeAsync();
        }
    }

    [Fact]
    public async Task Orders_a_plain_key_by_the_six_argument_form_and_lays_the_trace()
    {
        _server.Methods["createKey"] = _ => Created(("updateDate", Midnight.AddDays(-10)), ("productKey", "K7T0Q2-ZP41M9-00RXV3-L8C5HD-3W6YFA"));

        var answer = await Issuer().IssueAsync(Asked() with { Features = ["30_DOMAINS"], IpAddresses = ["198.51.100.24"] }, _cancellation);

        answer.Outcome.ShouldBe(Outcome.Done);
        answer.Value.ShouldBe(new IssuedKey
        {
            KeyNumber = "PLSK.00041207.0000", ExpirationDate = new DateOnly(2026, 4, 18), UpdateDate = new DateOnly(2026, 4, 8),
            ActivationCode = "K7T0Q2-ZP41M9-00RXV3-L8C5HD-3W6YFA", AdditionalKeys = answer.Value!.AdditionalKeys,
        });
        answer.Value.AdditionalKeys.ShouldBeEmpty();
        var call = _server.Calls.ShouldHaveSingleItem();
        call.Method.ShouldBe("partner10.createKey");
        call.Parameters.ShouldBe(XmlRpcArray.Create(
        [
            new XmlRpcStruct { ["login"] = "northwind-api", ["password"] = "s3cret" },
            new XmlRpcStruct { ["ips"] = XmlRpcArray.Of(["198.51.100.24"]), ["macs"] = XmlRpcArray.Of([Trace]) },
            "northwind", "PLESK_10_AND_LATER", XmlRpcArray.Of(["30_DOMAINS"]), "billing",
        ]));
    }

    [Theory]
    [InlineData(100, Outcome.Done)]
    [InlineData(110, Outcome.Done)]
    [InlineData(232, Outcome.Refused)]
    [InlineData(300, Outcome.Unknown)]
    public async Task Terminates_a_key_also_one_that_is_terminated_already(int code, Outcome outcome)
    {
        _server.Methods["terminateKey"] = _ => Code(code, "As the issuer says");

        var answer = await Terminator().TerminateAsync("PLSK.00041207.0000", _cancellation);

        answer.Outcome.ShouldBe(outcome);
        var call = _server.Calls.ShouldHaveSingleItem();
        call.Method.ShouldBe("partner10.terminateKey");
        call.Parameters[1].ShouldBe((XmlRpcValue)"PLSK.00041207.0000");
    }

    [Fact]
    public async Task Orders_add_ons_and_activation_by_the_nine_argument_form()
    {
        _server.Methods["createKey"] = _ => Created();

        await Issuer().IssueAsync(
            Asked() with { AddOns = ["KAV_8"], BillType = BillType.Purchase, Activation = new ActivationData("0123.4567", null), ParentKeyNumber = "PLSK.00000001" }, _cancellation);

        var arguments = _server.Calls.ShouldHaveSingleItem().Parameters;
        arguments.Count.ShouldBe(9);
        arguments[5].AsStruct().ShouldBe(new XmlRpcStruct { ["hwid"] = "0123.4567", ["parentKeyNumber"] = "PLSK.00000001" });
        arguments[6].AsArray().ShouldBe(XmlRpcArray.Of(["KAV_8"]));
        arguments[7].AsStruct().Count.ShouldBe(0);
        arguments[8].AsString().ShouldBe("purchase");
    }

    [Fact]
    public async Task Sends_no_trace_where_it_is_switched_off_and_then_cannot_look()
    {
        _server.Methods["createKey"] = _ => Created();
        var issuer = Issuer(("trace", "false"));

        await issuer.IssueAsync(Asked(), _cancellation);
        var look = await ((IFindsKeys)issuer).FindAsync(Asked(), _cancellation);

        _server.Calls.ShouldHaveSingleItem().Parameters[1].AsStruct()["macs"].AsArray().Count.ShouldBe(0);
        look.Outcome.ShouldBe(Outcome.Refused);
        look.PausesPlugin.ShouldBeFalse();
    }

    [Fact]
    public async Task Learns_the_key_types_of_additional_keys()
    {
        _server.Methods["createKey"] = _ => Created(("additionalKeysNumbers", XmlRpcArray.Of(["KAV.00041208.0000", "EXT.00041209.0000"])));
        _server.Methods["getKeyInfo"] = _ => Code(100, "", ("keyInfo", Info("PLSK.00041207.0000", "PLESK_10_AND_LATER", additional:
        [
            Info("KAV.00041208.0001", "KAV_8"), Info("EXT.00041209.0001", "N/A"),
        ])));

        var answer = await Issuer().IssueAsync(Asked() with { AddOns = ["KAV_8"] }, _cancellation);

        answer.Value!.AdditionalKeys.ShouldBe(
        [
            new AdditionalKey("KAV.00041208.0000", "KAV_8", new DateOnly(2026, 4, 18), "CODE-KAV.00041208.0001"),
            new AdditionalKey("EXT.00041209.0000", "", new DateOnly(2026, 4, 18), "CODE-EXT.00041209.0001"),
        ]);
    }

    [Fact]
    public async Task Stays_done_when_the_key_types_of_additional_keys_cannot_be_learnt()
    {
        _server.Methods["createKey"] = _ => Created(("additionalKeysNumbers", XmlRpcArray.Of(["KAV.00041208.0000"])));
        _server.Methods["getKeyInfo"] = _ => Code(300, "internal error");

        var answer = await Issuer().IssueAsync(Asked() with { AddOns = ["KAV_8"] }, _cancellation);

        answer.Outcome.ShouldBe(Outcome.Done);
        answer.Value!.AdditionalKeys.ShouldBe([new AdditionalKey("KAV.00041208.0000", "", null, null)]);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(110)]
    public async Task Codes_that_say_done_are_done(int code)
    {
        _server.Methods["createKey"] = _ => Code(code, "created", ("mainKeyNumber", "PLSK.00041207.0000"), ("expirationDate", Midnight));

        (await Issuer().IssueAsync(Asked(), _cancellation)).Outcome.ShouldBe(Outcome.Done);
    }

    [Theory]
    [InlineData(202)]
    [InlineData(226)]
    [InlineData(244)]
    [InlineData(260)]
    [InlineData(299)]
    [InlineData(400)]
    [InlineData(405)]
    [InlineData(416)]
    [InlineData(451)]
    public async Task Codes_that_refuse_are_refused_with_the_issuers_words_and_a_remedy(int code)
    {
        _server.Methods["createKey"] = _ => Code(code, "conflicting  feature set:\n 30_DOMAINS");

        var answer = await Issuer().IssueAsync(Asked(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.Refused);
        answer.PausesPlugin.ShouldBeFalse();
        answer.Reason!.Cause.ShouldBe($"127.0.0.1:{_server.Port}: {code} conflicting feature set: 30_DOMAINS");
        answer.Reason.Code.ShouldBe(code.ToString(CultureInfo.InvariantCulture));
        answer.Reason.Remedy.ShouldEndWith(".");
    }

    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    public async Task A_rejected_login_or_method_pauses_the_plug_in(int code)
    {
        _server.Methods["createKey"] = _ => Code(code, "login rejected");

        var answer = await Issuer().IssueAsync(Asked(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.Refused);
        answer.PausesPlugin.ShouldBeTrue();
    }

    [Fact]
    public async Task A_login_that_may_not_search_can_still_order()
    {
        _server.Methods["getKeyNumbers"] = _ => Code(201, "method not allowed");

        var answer = await Finder().FindAsync(Asked(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.Refused);
        answer.PausesPlugin.ShouldBeFalse();
    }

    [Theory]
    [InlineData(287)]
    [InlineData(300)]
    [InlineData(350)]
    [InlineData(0)]
    [InlineData(999)]
    public async Task Codes_that_leave_it_open_are_unknown(int code)
    {
        _server.Methods["createKey"] = _ => Code(code, "internal error");

        (await Issuer().IssueAsync(Asked(), _cancellation)).Outcome.ShouldBe(Outcome.Unknown);
    }

    [Fact]
    public async Task Done_without_a_number_is_unknown()
    {
        _server.Methods["createKey"] = _ => Code(100, "created");

        var answer = await Issuer().IssueAsync(Asked(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.Unknown);
        answer.Reason!.Cause.ShouldStartWith("HTTP request error: ");
    }

    [Fact]
    public async Task An_answer_of_wrong_types_is_unknown()
    {
        _server.Methods["createKey"] = _ => Code(100, "created", ("mainKeyNumber", "PLSK.00041207.0000"), ("additionalKeysNumbers", XmlRpcArray.Create([new XmlRpcStruct()])));

        (await Issuer().IssueAsync(Asked(), _cancellation)).Outcome.ShouldBe(Outcome.Unknown);
    }

    [Fact]
    public async Task A_fault_is_unknown_and_quoted()
    {
        var answer = await Issuer().IssueAsync(Asked(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.Unknown);
        answer.Reason!.Cause.ShouldBe($"127.0.0.1:{_server.Port} answered createKey with fault -32601: There is no method partner10.createKey.");
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(404)]
    public async Task An_http_status_is_unknown(int status)
    {
        _server.Wire = http =>
        {
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        };

        var answer = await Issuer().IssueAsync(Asked(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.Unknown);
        answer.Reason!.Cause.ShouldStartWith($"HTTP request error: 127.0.0.1:{_server.Port} answered with HTTP status {status}");
        _server.Calls.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("<html>It works!</html>")]
    [InlineData("<?xml version=\"1.0\"?><methodResponse><params><param><value><struct><member><name>resultCode</name>")]
    [InlineData("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><methodResponse/>")]
    [InlineData("")]
    [InlineData("<methodResponse><params><param><value><int>100</int></value></param></params></methodResponse>")]
    public async Task An_answer_that_cannot_be_read_is_unknown(string body)
    {
        _server.Wire = http => http.Response.WriteAsync(body);

        var answer = await Issuer().IssueAsync(Asked(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.Unknown);
        answer.Reason!.Cause.ShouldStartWith("HTTP request error: ");
    }

    [Fact]
    public async Task A_cut_answer_is_unknown_and_sent_only_once()
    {
        _server.Wire = async http =>
        {
            http.Response.ContentLength = 1000;
            await http.Response.WriteAsync("<?xml version=\"1.0\"?><methodResponse>");
            await http.Response.Body.FlushAsync();
            http.Abort();
        };

        var answer = await Issuer().IssueAsync(Asked(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.Unknown);
        _server.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_connection_that_breaks_before_the_answer_is_unknown_and_sent_only_once()
    {
        _server.Wire = http =>
        {
            http.Abort();
            return Task.CompletedTask;
        };

        (await Issuer().IssueAsync(Asked(), _cancellation)).Outcome.ShouldBe(Outcome.Unknown);
        _server.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task No_answer_in_time_is_unknown()
    {
        _server.Wire = http => Task.Delay(Timeout.Infinite, http.RequestAborted);
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));

        var answer = await Issuer().IssueAsync(Asked(), limit.Token);

        answer.Outcome.ShouldBe(Outcome.Unknown);
        answer.Reason!.Cause.ShouldBe($"HTTP request error: No answer from 127.0.0.1:{_server.Port} within the plug-in's time-out.");
    }

    [Fact]
    public async Task No_connection_in_time_is_not_done()
    {
        // A listener that never takes part in TLS.
        using var silent = new TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));

        var answer = await Issuer(("port", Port(silent))).IssueAsync(Asked(), limit.Token);

        answer.Outcome.ShouldBe(Outcome.NotDone);
    }

    [Fact]
    public async Task A_refused_connection_is_not_done()
    {
        var port = FreePort.Take().ToString(CultureInfo.InvariantCulture);

        var answer = await Issuer(("port", port)).IssueAsync(Asked(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.NotDone);
        answer.Reason!.Cause.ShouldBe($"HTTP request error: Nothing listens at 127.0.0.1:{port}. Check the port, and that the server runs.");
    }

    [Fact]
    public async Task A_name_without_an_address_is_not_done()
    {
        var answer = await Issuer(("host", "ka.invalid")).IssueAsync(Asked(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.NotDone);
        answer.Reason!.Cause.ShouldStartWith("HTTP request error: ");
        answer.Reason.Cause.ShouldContain("ka.invalid");
    }

    [Fact]
    public async Task A_port_without_tls_is_not_done()
    {
        await using var plain = await StartAsync(tls: false);

        var answer = await Issuer(("port", plain.Port.ToString(CultureInfo.InvariantCulture))).IssueAsync(Asked(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.NotDone);
        plain.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_foreign_certificate_is_not_done_and_nothing_is_sent()
    {
        using var other = NewCertificate();

        var pinned = await Issuer(("certificate", other.ExportCertificatePem())).IssueAsync(Asked(), _cancellation);
        var unpinned = await Issuer(("certificate", null)).IssueAsync(Asked(), _cancellation);

        pinned.Outcome.ShouldBe(Outcome.NotDone);
        pinned.Reason!.Cause.ShouldContain("is not the pinned one");
        unpinned.Outcome.ShouldBe(Outcome.NotDone);
        _server.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_expired_certificate_is_not_done_even_when_it_is_pinned()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var old = NewCertificate(now.AddDays(-30), now.AddDays(-1));
        await using var server = await StartAsync(old);

        var answer = await Issuer(("port", server.Port.ToString(CultureInfo.InvariantCulture)), ("certificate", server.Pem)).IssueAsync(Asked(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.NotDone);
        answer.Reason!.Cause.ShouldContain("is valid from");
        answer.Reason.Remedy.ShouldContain("new certificate");
        server.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task Fetches_the_file_byte_for_byte()
    {
        var file = Encoding.UTF8.GetBytes("<key>ü\r\n</key>");
        _server.Methods["retrieveKey"] = _ => Code(100, "", ("keyNumber", "PLSK.00041207.0003"), ("key", file), ("keyExtension", "xml"));

        var answer = await Issuer().RetrieveAsync("PLSK.00041207.0000", _cancellation);

        answer.Value!.KeyNumber.ShouldBe("PLSK.00041207.0003");
        answer.Value.Content.ShouldBe(file);
        answer.Value.Extension.ShouldBe("xml");
        _server.Calls.Single().Parameters.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_file_that_is_not_activated_is_refused_with_the_remedy()
    {
        _server.Methods["retrieveKey"] = _ => Code(223, "Key PLSK.00041207 is not activated.");

        var answer = await Issuer().RetrieveAsync("PLSK.00041207.0000", _cancellation);

        answer.Outcome.ShouldBe(Outcome.Refused);
        answer.Reason!.Remedy.ShouldBe("Activate the license first.");
    }

    [Fact]
    public async Task A_file_without_contents_is_unknown()
    {
        _server.Methods["retrieveKey"] = _ => Code(100, "", ("keyNumber", "PLSK.00041207.0003"), ("key", Array.Empty<byte>()));

        (await Issuer().RetrieveAsync("PLSK.00041207.0000", _cancellation)).Outcome.ShouldBe(Outcome.Unknown);
    }

    [Fact]
    public async Task Activates_with_and_without_an_identifier()
    {
        _server.Methods["activateKey"] = _ => Code(100, "", ("keyNumber", "PLSK.00041207.0001"));

        var plain = await Activator().ActivateAsync("PLSK.00041207.0000", new ActivationData(null, null), _cancellation);
        await Activator().ActivateAsync("PLSK.00041207.0000", new ActivationData("0123.4567", null), _cancellation);

        plain.Value.ShouldBe(new ActivatedKey("PLSK.00041207.0001"));
        _server.Calls.Select(c => c.Parameters.Count).ShouldBe([2, 3]);
    }

    [Theory]
    [InlineData("0123.4567", true, Outcome.Done)]
    [InlineData("ffff.ffff", true, Outcome.Refused)]
    [InlineData("0123.4567", false, Outcome.Refused)]
    public async Task A_refused_activation_is_done_when_the_key_is_active_for_the_same_data(string guid, bool activated, Outcome outcome)
    {
        _server.Methods["activateKey"] = _ => Code(226, "already activated");
        _server.Methods["getKeyInfo"] = _ => Code(100, "", ("keyInfo", Info("PLSK.00041207.0001", "PLESK_10_AND_LATER", activated: activated, guid: guid)));

        var answer = await Activator().ActivateAsync("PLSK.00041207.0000", new ActivationData("0123.4567", null), _cancellation);

        answer.Outcome.ShouldBe(outcome);
    }

    [Fact]
    public async Task Finds_nothing_where_there_is_nothing()
    {
        _server.Methods["getKeyNumbers"] = _ => Code(101, "no keys");

        var answer = await Finder().FindAsync(Asked(), _cancellation);

        answer.Outcome.ShouldBe(Outcome.Done);
        answer.Value.ShouldBeEmpty();
        _server.Calls.Single().Parameters[1].AsStruct().ShouldBe(new XmlRpcStruct { ["ips"] = new XmlRpcArray(), ["macs"] = XmlRpcArray.Of([Trace]) });
    }

    [Fact]
    public async Task Finds_the_key_with_the_key_type_and_features_asked_for()
    {
        Holds(Info("PLSK.00041207.0000", "PLESK_10_AND_LATER", ["30_DOMAINS", "BASE"]), Info("KAV.00041208.0000", "KAV_8"));

        var answer = await Finder().FindAsync(Asked() with { Features = ["30_DOMAINS"] }, _cancellation);

        answer.Value.ShouldHaveSingleItem().KeyNumber.ShouldBe("PLSK.00041207.0000");
        answer.Value![0].ActivationCode.ShouldBe("CODE-PLSK.00041207.0000");
    }

    [Fact]
    public async Task Finds_a_terminated_key()
    {
        Holds(Info("PLSK.00041207.0000", "PLESK_10_AND_LATER", terminated: true));

        (await Finder().FindAsync(Asked(), _cancellation)).Value.ShouldHaveSingleItem().Terminated.ShouldBeTrue();
    }

    [Fact]
    public async Task Finds_a_key_twice_oldest_first()
    {
        Holds(Info("PLSK.00041210.0000", "PLESK_10_AND_LATER"), Info("PLSK.00041207.0003", "PLESK_10_AND_LATER"));

        (await Finder().FindAsync(Asked(), _cancellation)).Value!.Select(k => k.KeyNumber).ShouldBe(["PLSK.00041207.0003", "PLSK.00041210.0000"]);
    }

    [Fact]
    public async Task Where_only_keys_with_another_key_type_or_without_a_feature_carry_the_trace_a_person_must_look()
    {
        Holds(Info("PLSK.00041207.0000", "PLESK_9", ["30_DOMAINS"]), Info("PLSK.00041208.0000", "PLESK_10_AND_LATER", ["100_DOMAINS"]));

        var answer = await Finder().FindAsync(Asked() with { Features = ["30_DOMAINS"] }, _cancellation);

        // Made for this request all the same: to say that there is none would buy a second one.
        answer.Outcome.ShouldBe(Outcome.Refused);
        answer.PausesPlugin.ShouldBeFalse();
        answer.Reason!.Cause.ShouldContain("PLSK.00041207.0000 (PLESK_9; 30_DOMAINS); PLSK.00041208.0000 (PLESK_10_AND_LATER; 100_DOMAINS)");
    }

    [Fact]
    public async Task Key_types_and_features_are_the_same_in_either_case()
    {
        Holds(Info("PLSK.00041207.0000", "Plesk_10_and_Later", ["30_domains"]));

        (await Finder().FindAsync(Asked() with { Features = ["30_DOMAINS"] }, _cancellation)).Value.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Reads_the_numbers_out_of_either_list()
    {
        Holds(Info("PLSK.00041207.0000", "PLESK_10_AND_LATER"));
        _server.Methods["getKeyNumbers"] = _ => Code(100, "", ("keyInfos", XmlRpcArray.Create([Info("PLSK.00041207.0000", "PLESK_10_AND_LATER")])));

        (await Finder().FindAsync(Asked(), _cancellation)).Value.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Half_a_look_is_none()
    {
        Holds(Info("PLSK.00041207.0000", "PLESK_10_AND_LATER"));
        _server.Methods["getKeyInfo"] = _ => Code(300, "internal error");

        (await Finder().FindAsync(Asked(), _cancellation)).Outcome.ShouldBe(Outcome.Unknown);
    }

    [Fact]
    public async Task A_number_that_the_issuer_lists_and_does_not_know_is_half_a_look()
    {
        Holds(Info("PLSK.00041207.0000", "PLESK_10_AND_LATER"));
        _server.Methods["getKeyInfo"] = _ => Code(220, "no such key");

        (await Finder().FindAsync(Asked(), _cancellation)).Outcome.ShouldBe(Outcome.Refused);
    }

    [Fact]
    public async Task The_check_says_what_is_offered()
    {
        _server.Methods["getAvailableKeyTypesAndFeatures"] = _ => Code(100, "", ("keyTypes", XmlRpcArray.Of(["A", "B"])), ("features", XmlRpcArray.Of(["F"])));

        (await Issuer().CheckAsync(_cancellation)).Value!.Facts.ShouldBe(
            $"Logged in to 127.0.0.1:{_server.Port} as northwind-api; 2 key types and 1 features are offered to northwind.");
    }

    [Fact]
    public async Task A_foreign_issuer_tells_identifiers_alone_and_is_asked_for_the_rules_by_no_published_method()
    {
        _server.Methods["getAvailableKeyTypesAndFeatures"] = _ => Code(100, "", ("keyTypes", XmlRpcArray.Of(["A", "B"])), ("features", XmlRpcArray.Of(["F"])));

        var offer = (await ((IListsOffer)Issuer()).GetOfferAsync(_cancellation)).Value!;

        (string.Join(' ', offer.KeyTypes), string.Join(' ', offer.Features), offer.Rules, offer.Everything).ShouldBe(("A B", "F", null, false));
        _server.Calls.Select(c => c.Method).ShouldBe(["partner10.getAvailableKeyTypesAndFeatures", "keygate.getOrderRules"]);
    }

    [Fact]
    public async Task The_check_passes_for_a_login_that_may_not_list_the_offer_and_fails_for_a_wrong_password()
    {
        _server.Methods["getAvailableKeyTypesAndFeatures"] = _ => Code(201, "method not allowed");
        _server.Methods["validateLogin"] = _ => Code(100, "");
        var listing = await Issuer().CheckAsync(_cancellation);
        _server.Methods["getAvailableKeyTypesAndFeatures"] = _ => Code(200, "Login or password is wrong.");

        var wrong = await Issuer().CheckAsync(_cancellation);

        listing.Outcome.ShouldBe(Outcome.Done);
        wrong.Outcome.ShouldBe(Outcome.Refused);
        wrong.Reason!.Cause.ShouldBe($"127.0.0.1:{_server.Port}: 200 Login or password is wrong.");
        wrong.Reason.Remedy.ShouldBe("Check login and password of the plug-in, test it, resume it, and resubmit what stopped.");
    }

    [Fact]
    public async Task Dates_without_a_zone_are_the_issuers_own_days()
    {
        _server.Wire = http => http.Response.WriteAsync(
            """
            <methodResponse><params><param><value><struct><member><name>resultCode</name><value><i4>100</i4></value></member>
            <member><name>mainKeyNumber</name><value>PLSK.00041207.0000</value></member>
            <member><name>expirationDate</name><value><dateTime.iso8601>20260418T00:00:00</dateTime.iso8601></value></member>
            <member><name>updateDate</name><value><dateTime.iso8601>2026-04-08T02:00:00Z</dateTime.iso8601></value></member>
            </struct></value></param></params></methodResponse>
            """);

        var answer = await Issuer(("timeZone", "America/New_York")).IssueAsync(Asked(), _cancellation);

        answer.Value!.ExpirationDate.ShouldBe(new DateOnly(2026, 4, 18));
        answer.Value.UpdateDate.ShouldBe(new DateOnly(2026, 4, 7));
    }

    [Fact]
    public async Task The_password_stands_in_no_cause()
    {
        _server.Methods["createKey"] = _ => Code(200, "Login or password is wrong.");
        var causes = new[]
        {
            await Issuer().IssueAsync(Asked(), _cancellation),
            await Issuer(("port", "1")).IssueAsync(Asked(), _cancellation),
            await Issuer(("certificate", null)).IssueAsync(Asked(), _cancellation),
        };

        causes.ShouldAllBe(a => !a.Reason!.Cause.Contains("s3cret") && !a.Reason.Remedy.Contains("s3cret"));
    }

    [Fact]
    public void Names_every_setting_that_cannot_be_used()
    {
        var settings = Settings(
            ("host", "https://ka.example.com"), ("path", "xmlrpc"), ("password", new string('x', 64)), ("timeZone", "Mars/Olympus"), ("certificate", "no certificate"));

        new KeyAdministratorFactory().Faults(settings).Select(f => f.Setting).ShouldBe(["host", "path", "password", "timeZone", "certificate"]);
        new KeyAdministratorFactory().Faults(Settings()).ShouldBeEmpty();
    }

    private static string Port(TcpListener listener) => ((System.Net.IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

    private static IssueRequest Asked() => new() { LicenseId = 17, KeyType = "PLESK_10_AND_LATER", BillType = BillType.Lease, Trace = Trace };

    private static XmlRpcStruct Created(params (string Name, XmlRpcValue Value)[] members) =>
        Code(100, "PLSK.00041207.0000 created.", [("mainKeyNumber", "PLSK.00041207.0000"), ("expirationDate", Midnight), ("additionalKeysNumbers", new XmlRpcArray()), .. members]);

    private static XmlRpcStruct Info(
        string number, string keyType, string[]? features = null, bool terminated = false, bool activated = false, string? guid = null, XmlRpcValue[]? additional = null) => new()
    {
        ["keyNumber"] = number, ["apiKeyType"] = keyType, ["keyType"] = "A readable name", ["type"] = "MAIN", ["expirationDate"] = Midnight,
        ["productKey"] = $"CODE-{number}", ["terminated"] = terminated, ["activated"] = activated, ["guid"] = guid,
        ["features"] = XmlRpcArray.Create([.. (features ?? []).Select(f => (XmlRpcValue)new XmlRpcStruct { ["name"] = f, ["apiName"] = f })]),
        ["additionalKeys"] = XmlRpcArray.Create(additional ?? []),
    };

    private void Holds(params XmlRpcStruct[] keys)
    {
        _server.Methods["getKeyNumbers"] = _ => Code(100, "", ("keyNumbers", XmlRpcArray.Of(keys.Select(k => k["keyNumber"].AsString()))));
        _server.Methods["getKeyInfo"] = arguments => Code(100, "", ("keyInfo", keys.Single(k => k["keyNumber"] == arguments[0])));
    }

    private Dictionary<string, string> Settings(params (string Name, string? Value)[] changes)
    {
        var settings = new KeyAdministratorFactory().Manifest.Settings.Where(f => f.Default is not null).ToDictionary(f => f.Name, f => f.Default!);
        (string, string?)[] given =
        [
            ("host", "127.0.0.1"), ("port", _server.Port.ToString(CultureInfo.InvariantCulture)), ("login", "northwind-api"), ("password", "s3cret"),
            ("client", "northwind"), ("certificate", _server.Pem), .. changes,
        ];
        foreach (var (name, value) in given)
        {
            settings.Remove(name);
            if (value is not null)
            {
                settings[name] = value;
            }
        }

        return settings;
    }

    private ITerminatesKeys Terminator() => (ITerminatesKeys)Issuer();

    private IIssuer Issuer(params (string Name, string? Value)[] changes)
    {
        var plugin = new KeyAdministratorFactory().Create(new PluginContext(Settings(changes), NullLogger.Instance, TimeProvider.System));
        _plugins.Add(plugin);
        return (IIssuer)plugin;
    }

    private IFindsKeys Finder() => (IFindsKeys)Issuer();

    private IActivatesKeys Activator() => (IActivatesKeys)Issuer();

    public sealed class OneServer : IAsyncLifetime
    {
        internal PartnerServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await StartAsync();

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
