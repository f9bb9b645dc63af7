//! What an upstream does when it does not do what it should: each fault has its kind, and the credential goes nowhere.

use crate::{
    simulator::connect,
    stage::{Stage, ask},
};
use serde_json::{Value, json};
use server::provider::{ErrorKind, ProviderError};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

/// A hundred megabytes: three times what is read.
const HUGE: u64 = 100 << 20;

/// Name of the fault, what it does, the kinds that it may be told as.
fn table() -> Vec<(&'static str, Value, &'static [ErrorKind])> {
    use ErrorKind::*;
    let status = |code: u16| json!({"kind": "status", "code": code});
    let patient = |code: u16| json!({"kind": "status", "code": code, "retry_after": 7});
    vec![
        ("401", status(401), &[Unauthorised]),
        ("403", status(403), &[Forbidden]),
        ("404", status(404), &[NotFound, NotInstalled]),
        ("409", status(409), &[Conflict]),
        ("412", status(412), &[Conflict]),
        ("422", status(422), &[Refused]),
        ("429", status(429), &[Slow]),
        ("429 with Retry-After", patient(429), &[Slow]),
        ("500", status(500), &[Broken]),
        ("502 with a web page", json!({"kind": "html", "code": 502}), &[Broken]),
        ("503 with Retry-After", patient(503), &[Slow]),
        ("a web page", json!({"kind": "html", "code": 200}), &[NotThat]),
        ("cut off", json!({"kind": "truncated"}), &[Garbled]),
        (
            "half a document",
            json!({"kind": "raw", "code": 200, "content_type": "application/json", "body": "{\"items\": [{\"na"}),
            &[Garbled],
        ),
        ("too large", json!({"kind": "huge", "bytes": HUGE}), &[Garbled]),
        ("an ended connection", json!({"kind": "drop"}), &[Garbled, Unreachable]),
    ]
}

/// A failure that may be shown: with a sentence, and without a secret, however it is printed.
fn sound<S: Stage>(stage: &S, what: &str, error: &ProviderError) {
    assert!(!error.sentence.is_empty() && !error.operation.is_empty(), "{what}: {error:?}");
    let all = format!("{error} {error:?} {error:#?} {}", error.remedy);
    for secret in stage.secrets() {
        assert!(!all.contains(&secret), "{what}: {all}");
    }
}

/// The refusals of reading (the wizard's lists) and of writing (an apply) under a fault.
async fn refusals<S: Stage>(stage: &S, effect: &Value) -> [(&'static str, ProviderError); 2] {
    stage.sim().fault(json!([{"effect": effect}]));
    let read = stage.provider().inventory().await.expect_err("inventory");
    let written = stage.provider().apply(&stage.owned("fault"), None, None).await.expect_err("apply");
    stage.sim().heal();
    [("inventory", read), ("apply", written)]
}

pub async fn every_fault_has_its_kind<S: Stage>() {
    let stage = S::open().await;
    for (name, effect, usual) in table() {
        for (call, error) in refusals(&stage, &effect).await {
            let what = format!("{name} in {call}");
            let kinds = stage.kinds(name, usual);
            assert!(kinds.contains(&error.kind), "{what}: {:?} is none of {kinds:?}: {error}", error.kind);
            assert_eq!(error.retry_after, name.contains("Retry-After").then_some(Duration::from_secs(7)), "{what}");
            sound(&stage, &what, &error);
        }
    }
    // Nothing of it stays: the same provider works again.
    stage.provider().apply(&stage.owned("after"), None, None).await.unwrap();
}

pub async fn a_time_out_ends_in_time<S: Stage>() {
    let stage = S::open().await;
    let owned = stage.owned("late");
    let stuck = S::open().await;
    let mut dripping = stage.sim().draft.clone();
    dripping.name = "dripping".into();
    stage.sim().fault(json!([{"effect": {"kind": "hang"}}]));
    stuck.sim().fault(json!([{"effect": {"kind": "drip"}}]));
    let began = Instant::now();
    let timed = async |report: model::connection::CheckReport| {
        assert!(began.elapsed() < Duration::from_secs(13), "{report:#?}");
        assert!(!report.passed());
        assert_eq!(report.field.as_deref(), Some("address"), "{report:#?}");
    };
    let write = async {
        // The reads that come first are answered; what hangs is the first request that changes something.
        let other = S::open().await;
        other.sim().fault_next_write(&json!({"kind": "hang"}));
        let error = other.provider().apply(&owned, None, None).await.expect_err("apply");
        assert_eq!(error.kind, ErrorKind::Unreachable, "{error}");
        assert!(began.elapsed() < Duration::from_secs(40), "{error}");
        sound(&other, "time-out", &error);
    };
    tokio::join!(
        async { timed(stage.provider().check().await).await },
        async { timed(stuck.provider().check().await).await },
        write
    );
}

pub async fn a_redirect_is_not_followed<S: Stage>() {
    let stage = S::open().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = listener.local_addr().unwrap();
    let visits = Arc::new(AtomicU32::new(0));
    let counted = visits.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    let to = json!({"kind": "redirect", "to": format!("http://{elsewhere}/api")});
    for (call, error) in refusals(&stage, &to).await {
        assert_eq!(error.kind, ErrorKind::NotThat, "{call}: {error}");
        sound(&stage, call, &error);
    }
    stage.sim().fault(json!([{"effect": to}]));
    let report = connect(&stage.sim().draft).check().await;
    assert!(!report.passed(), "{report:#?}");
    // Whoever did go there has arrived by now.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(visits.load(Ordering::SeqCst), 0, "somebody went to the other host");
}

pub async fn a_credential_that_is_repeated_goes_no_further<S: Stage>() {
    let stage = S::open().await;
    let owned = stage.owned("echo");
    stage.provider().apply(&owned, None, None).await.unwrap();
    for code in [400, 401, 403, 404, 409, 422, 429, 500, 503] {
        let effect = json!({"kind": "echo_credential", "code": code});
        for (call, error) in refusals(&stage, &effect).await {
            sound(&stage, &format!("{code} in {call}"), &error);
        }
        stage.sim().fault(json!([{"effect": effect}]));
        let run = stage.provider().start_run(&owned, &ask(&owned, "r1")).await.expect_err("run");
        sound(&stage, &format!("{code} in a run"), &run);
        // A new provider: nothing that was learnt before (a session, a version) helps it.
        let report = connect(&stage.sim().draft).check().await;
        assert!(!report.passed(), "{code}: {report:#?}");
        for secret in stage.secrets() {
            assert!(!format!("{report:?}").contains(&secret), "{code}: {report:?}");
        }
        stage.sim().heal();
    }
}

pub async fn observing_ends_with_what_stays<S: Stage>() {
    for (effect, kind) in [
        (json!({"kind": "status", "code": 401}), ErrorKind::Unauthorised),
        (json!({"kind": "status", "code": 500}), ErrorKind::Broken),
        (json!({"kind": "html", "code": 200}), ErrorKind::NotThat),
        (json!({"kind": "echo_credential", "code": 403}), ErrorKind::Forbidden),
        (json!({"kind": "status", "code": 429, "retry_after": 60}), ErrorKind::Slow),
    ] {
        let stage = S::open().await;
        stage.sim().fault(json!([{"effect": effect}]));
        let error = stage.watch().gives_up(Duration::from_secs(40)).await;
        assert_eq!(error.kind, kind, "{effect}: {error}");
        if kind == ErrorKind::Slow {
            assert_eq!(error.retry_after, Some(Duration::from_secs(60)));
        }
        sound(&stage, &effect.to_string(), &error);
    }
}
