namespace Keygate.Plugins.Sandbox;

/// <summary>What becomes of a call.</summary>
internal enum Mishap
{
    /// <summary>Nothing bad.</summary>
    None,

    /// <summary>It is refused for good.</summary>
    Refuse,

    /// <summary>It does nothing and gets no answer.</summary>
    Stall,

    /// <summary>It acts and gets no answer.</summary>
    LoseAnswer,

    /// <summary>It gets no answer and acts later all the same.</summary>
    AnswerLate,

    /// <summary>It acts twice and answers once: somebody on the way has repeated it.</summary>
    AnswerTwice,

    /// <summary>It acts twice and answers for the second time: the first answer was lost on the way.</summary>
    AnswerSecond,

    /// <summary>It cannot be sent.</summary>
    NotDone,
}
