//! Named places where a test kills the process, to prove that no crash between two steps loses or doubles anything.

/// Work that passes the steps: the first half of a point's name.
pub const WORK: [&str; 4] = ["apply", "run", "restore", "deletion"];

/// The steps, in the order in which each work passes them: the second half of a point's name.
pub const STEPS: [&str; 5] = ["after-claim", "before-send", "after-send", "before-record", "after-record"];

/// Where a changed policy reaches a definition: beside the steps of work, which ends upstream.
pub const ROLL_OUT: [&str; 2] = ["before-record", "after-record"];

/// Ends the process like `kill -9` when `HOLDFAST_ABORT_AT` names this point (`run-after-send`); does nothing in a build without
/// `demo` and debug assertions.
#[cfg(any(debug_assertions, feature = "demo"))]
pub(crate) fn point(work: &str, step: &str) {
    let known =
        if work == "roll-out" { ROLL_OUT.contains(&step) } else { WORK.contains(&work) && STEPS.contains(&step) };
    debug_assert!(known, "{work}-{step} is not a known point");
    let named = |at: &str| at.strip_prefix(work).and_then(|rest| rest.strip_prefix('-')) == Some(step);
    if std::env::var_os("HOLDFAST_ABORT_AT").is_some_and(|at| at.to_str().is_some_and(named)) {
        std::process::abort();
    }
}

#[cfg(not(any(debug_assertions, feature = "demo")))]
pub(crate) fn point(_work: &str, _step: &str) {}
