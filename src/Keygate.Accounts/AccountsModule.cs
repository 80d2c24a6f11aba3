using Keygate.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Keygate.Accounts;

/// <summary>The accounts room: staff, tokens, customers, audit trail, and the door that writes.</summary>
public static class AccountsModule
{
    /// <summary>
    /// Adds the room. It works on the process's default <see cref="Database"/>: the provider's, or the key server's where that runs alone.
    /// </summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        TypeHandlers.RegisterNumbers(typeof(AccountsModule).Assembly);
        services.AddSingleton<StaffStore>();
        services.AddSingleton<TokenStore>();
        services.AddSingleton<CustomerStore>();
        services.AddSingleton<Audit>();
        services.AddSingleton<AuditChain>();
        services.AddSingleton<VerifyAudit>();
        services.AddSingleton<WriteDoor>();
        services.AddSingleton<SignIn>();
        services.AddSingleton(s => new AddStaff(s.GetRequiredService<StaffStore>(), s.GetRequiredService<Audit>()));
        services.AddSingleton(s => new ChangeStaff(s.GetRequiredService<StaffStore>(), s.GetRequiredService<Audit>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new PasswordLinks(s.GetRequiredService<Database>(), s.GetRequiredService<MasterKey>(), s.GetRequiredService<Audit>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new StaffReader(s.GetRequiredService<StaffStore>(), s.GetRequiredService<TokenStore>()));
        services.AddSingleton<AuditReader>();
        services.AddSingleton(s => new CreateToken(s.GetRequiredService<TokenStore>(), s.GetRequiredService<Audit>()));
        services.AddSingleton(s => new RevokeToken(s.GetRequiredService<TokenStore>(), s.GetRequiredService<Audit>()));
        services.AddSingleton<CreateCustomer>();
        services.AddSingleton<ProviderProfiles>();
        services.AddSingleton<RegisterCustomer>();
        services.AddSingleton(s => new CustomerSessions(
            s.GetRequiredService<Database>(), s.GetRequiredService<MasterKey>(), s.GetRequiredService<Audit>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new TokenCheck(s.GetRequiredService<Database>(), s.GetRequiredService<TokenStore>()));
        services.AddSingleton(s => new PasswordCheck(s.GetRequiredService<SignIn>()));
        services.AddSingleton(s => new LocalToken(s.GetRequiredService<Database>(), s.GetRequiredService<StaffStore>(), s.GetRequiredService<TokenStore>()));
        services.AddSingleton(s => new StaffSessions(
            s.GetRequiredService<Database>(), s.GetRequiredService<MasterKey>(), s.GetRequiredService<SignIn>(), s.GetRequiredService<Audit>(),
            s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new FirstAdministrator(
            s.GetRequiredService<Database>(), s.GetRequiredService<MasterKey>(), s.GetRequiredService<StaffStore>(),
            s.GetRequiredService<TokenStore>(), s.GetRequiredService<Audit>(), s.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <summary>Links the audit trail of this process's databases, each a registered <see cref="AuditedDatabase"/>, for as long as the process runs.</summary>
    public static IServiceCollection AddAuditChain(this IServiceCollection services) => services.AddHostedService<AuditAppender>();

    /// <summary>Maps staff and tokens under the REST group.</summary>
    public static IEndpointRouteBuilder MapAccounts(this IEndpointRouteBuilder routes)
    {
        StaffEndpoints.Map(routes);
        TokenEndpoints.Map(routes);
        AuditReader.Map(routes);
        VerifyAudit.Map(routes);
        return routes;
    }

    /// <summary>After a restore: whoever was signed in signs in again, since it is not known who has signed out meanwhile.</summary>
    public static async Task AfterRestoreAsync(Tx tx, DateTimeOffset now, CancellationToken cancellation)
    {
        await tx.ExecuteAsync("update sessions set ended_at = @now where ended_at is null", new { now }, cancellation);
        await tx.ExecuteAsync("update customer_sessions set ended_at = @now where ended_at is null", new { now }, cancellation);
    }

    /// <summary>Maps customers and the provider's profile under the REST group; the provider's side only.</summary>
    public static IEndpointRouteBuilder MapCustomers(this IEndpointRouteBuilder routes)
    {
        CustomerEndpoints.Map(routes);
        ProviderProfileEndpoints.Map(routes);
        return routes;
    }

    /// <summary>Maps the form of the first administrator, and the style sheet of plain pages, at the root.</summary>
    public static IEndpointRouteBuilder MapSetup(this IEndpointRouteBuilder root)
    {
        SetupPage.Map(root);
        root.MapGet(PlainPage.StylePath, () => Results.Text(PlainPage.Style, "text/css")).ExcludeFromDescription();
        return root;
    }
}
