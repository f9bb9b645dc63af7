//! A process that dies between two requests, or whose answer is lost, leaves nothing twice.

use super::applying::stands_as_saved;
use crate::{simulator::Sent, stage::Stage};
use serde_json::{Value, json};
use server::provider::{Applied, Owned};

/// The ways in which a step can break: carried out and not told, told as failed, never arrived.
fn breaks() -> [Value; 3] {
    [json!({"kind": "lost_answer"}), json!({"kind": "status", "code": 500}), json!({"kind": "drop"})]
}

/// The requests of an apply that may change something.
async fn steps<S: Stage>(stage: &S, owned: &Owned, previous: Option<&Applied>) -> Vec<Sent> {
    stage.sim().forget();
    stage.provider().apply(owned, previous, None).await.unwrap();
    stage.sim().sent().into_iter().filter(Sent::is_write).collect()
}

/// Breaks the step of that number, whatever its path.
fn break_step<S: Stage>(stage: &S, steps: &[Sent], number: usize, effect: &Value) {
    let method = &steps[number].method;
    let skip = steps[..number].iter().filter(|step| step.method == *method).count();
    stage.sim().fault(json!([{"method": method, "skip": skip, "times": 1, "effect": effect}]));
}

pub async fn a_crash_between_two_steps_leaves_one_of_each<S: Stage>() {
    let whole = S::open().await;
    let owned = whole.owned("crash");
    let steps = steps(&whole, &owned, None).await;
    let made = whole.objects(&owned).len();
    assert!(!steps.is_empty());
    for number in 0..steps.len() {
        for effect in breaks() {
            let stage = S::open().await;
            let owned = stage.owned("crash");
            break_step(&stage, &steps, number, &effect);
            let first = stage.provider().apply(&owned, None, None).await;
            stage.sim().heal();
            let after = || format!("step {number} of {steps:?} with {effect}; first {first:?}");
            // Nothing was recorded of the first attempt.
            let applied = stage.settle(&owned, None).await.unwrap_or_else(|e| panic!("{}: {e:?}", after()));
            assert_eq!(stage.objects(&owned).len(), made, "{}: {:#?}", after(), stage.objects(&owned));
            stands_as_saved(&stage, &owned, &applied).await;
        }
    }
}

pub async fn a_crash_between_the_steps_of_an_edit_is_mended<S: Stage>() {
    let whole = S::open().await;
    let owned = whole.owned("crash");
    let before = whole.provider().apply(&owned, None, None).await.unwrap();
    let steps = steps(&whole, &whole.edited(&owned), Some(&before)).await;
    let made = whole.objects(&owned).len();
    assert!(!steps.is_empty(), "an edit changes something");
    for number in 0..steps.len() {
        for effect in breaks() {
            let stage = S::open().await;
            let owned = stage.owned("crash");
            let before = stage.provider().apply(&owned, None, None).await.unwrap();
            let edited = stage.edited(&owned);
            break_step(&stage, &steps, number, &effect);
            let first = stage.provider().apply(&edited, Some(&before), None).await;
            stage.sim().heal();
            let after = || format!("step {number} of {steps:?} with {effect}; first {first:?}");
            // A write of our own whose answer was lost is no dispute.
            let applied = stage.settle(&edited, Some(&before)).await.unwrap_or_else(|e| panic!("{}: {e:?}", after()));
            assert_eq!(stage.objects(&edited).len(), made, "{}: {:#?}", after(), stage.objects(&edited));
            stands_as_saved(&stage, &edited, &applied).await;
        }
    }
}
