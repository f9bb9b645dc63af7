//! The cases, each generic over the stage that it plays on.

pub mod applying;
pub mod checking;
pub mod crashing;
pub mod drifting;
pub mod faults;
pub mod restoring;
pub mod running;
pub mod surviving;

/// Whether the system can do it; a case that it can't is passed over with a line that says why.
pub fn can(what: &str, support: &model::capability::Support) -> bool {
    if let Some(why) = support.why_not() {
        println!("passed over, {what}: {why}");
    }
    support.is_yes()
}
