namespace Keygate.Orders;

/// <summary>The commercial status of a subscription, under the Billing API's codes. Stored.</summary>
public enum SubscriptionStatus
{
    /// <summary>Its first order is not completed. Ended by the order's end.</summary>
    Ordered = 10,

    /// <summary>Free for a time. Ended by an order for a paid period, or by its expiration.</summary>
    Trial = 15,

    /// <summary>Paid for and in use. Ended by its expiration or by cancellation.</summary>
    Active = 30,

    /// <summary>Expired, but within the days of grace. Ended by a renewal or by their end.</summary>
    Graced = 40,

    /// <summary>Expired, its service held. Ended by a renewal or by the end of the hold.</summary>
    Expired = 50,

    /// <summary>Over, its service removed. Final.</summary>
    Terminated = 60,

    /// <summary>Cancelled by an order. Ended by the removal of its service.</summary>
    Canceled = 70,

    /// <summary>Stopped by a person. Ended by a person.</summary>
    Suspended = 80,
}

/// <summary>The technical status of a subscription's service, under the Billing API's codes. Stored.</summary>
public enum ServiceStatus
{
    /// <summary>There is no service. Ended by the start of provisioning.</summary>
    NotProvisioned = 10,

    /// <summary>It is being made. Ended by the completion of the order, or by its cancellation.</summary>
    Provisioning = 20,

    /// <summary>It exists and does not run. Ended by a start or by its removal.</summary>
    Stopped = 30,

    /// <summary>It is being started. Ended by the start's end.</summary>
    Starting = 40,

    /// <summary>It runs. Ended by a stop, a change of plan or its removal.</summary>
    Running = 50,

    /// <summary>It is being stopped. Ended by the stop's end.</summary>
    Stopping = 60,

    /// <summary>It is being removed. Ended by the removal's end.</summary>
    Removing = 70,

    /// <summary>Its plan is being changed. Ended by the change's end.</summary>
    ChangingPlan = 80,

    /// <summary>It is gone. Final.</summary>
    Removed = 90,
}

/// <summary>Unit of a plan period, under the Billing API's codes.</summary>
public enum PeriodType
{
    /// <summary>Hours.</summary>
    Hour = 0,

    /// <summary>Days.</summary>
    Day = 1,

    /// <summary>Calendar months.</summary>
    Month = 2,

    /// <summary>Calendar years.</summary>
    Year = 3,
}
