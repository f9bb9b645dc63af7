//! A definition's page: where saved and real differ, and what each state offers.

use super::{
    filled::lived_in,
    h1,
    html::{Tag, fact, row, section, tags, text},
    seen,
    support::{NOW, Stub},
};
use model::{
    definition::{Drift, Standing, Stuck},
    pause::Pause,
    view::NextRun,
};

fn with(standing: Standing) -> Stub {
    let mut stub = lived_in();
    stub.definition.as_mut().expect("one").row.standing = standing;
    stub
}

fn drift(field: &str, theirs: Option<&str>, refused: Option<&str>) -> Drift {
    Drift {
        field: field.into(),
        ours: Some("336h0m0s".into()),
        theirs: theirs.map(str::to_owned),
        not_adoptable: refused.map(str::to_owned),
    }
}

fn acts(page: &str) -> Vec<Tag> {
    tags(page).into_iter().filter(|tag| tag.has("data-act")).collect()
}

fn offers(page: &str, act: &str) -> bool {
    acts(page).iter().any(|tag| tag.get("data-act") == Some(act) && tag.get("data-id") == Some("d1"))
}

#[tokio::test]
async fn drift_is_shown_field_by_field_with_both_ways_out() {
    let fields = vec![drift("spec.template.ttl", Some("24h0m0s"), None), drift("spec.schedule", None, None)];
    let page = seen(with(Standing::Drifted { fields }), "/definitions/d1").await;
    assert_eq!(h1(&page), "shop-nightly Drifted");
    let there = section(&page, "drift");
    assert_eq!(text(row(there, "spec.template.ttl")), "spec.template.ttl 336h0m0s 24h0m0s");
    assert_eq!(text(row(there, "spec.schedule")), "spec.schedule 336h0m0s nothing");
    assert!(offers(there, "reapply") && offers(there, "adopt"));
    assert!(text(there).contains("nothing is overwritten before you decide"));
}

#[tokio::test]
async fn an_edit_that_is_held_for_a_drift_says_so() {
    let fields = || vec![drift("spec.template.ttl", Some("24h0m0s"), None)];
    let mut stub = with(Standing::Drifted { fields: fields() });
    stub.definition.as_mut().expect("one").applied_version = 3;
    let page = seen(stub, "/definitions/d1").await;
    let there = section(&page, "drift");
    assert!(text(there).contains("Version 4 is saved and waits"), "{}", text(there));
    assert!(offers(there, "reapply") && offers(there, "adopt"));
    let mut stub = with(Standing::Drifted { fields: fields() });
    stub.definition.as_mut().expect("one").applied_version = 4;
    assert!(!text(&seen(stub, "/definitions/d1").await).contains("is saved and waits"), "nothing waits");
}

#[tokio::test]
async fn what_can_not_be_taken_over_is_off_with_its_reason() {
    let why = "Holdfast has no words for resource policies.";
    let fields = vec![drift("spec.template.ttl", None, None), drift("spec.template.resourcePolicy", None, Some(why))];
    let page = seen(with(Standing::Drifted { fields }), "/definitions/d1").await;
    let there = section(&page, "drift");
    assert!(offers(there, "reapply") && !offers(there, "adopt"));
    let adopt = tags(there).into_iter().find(|t| t.name == "button" && t.text.starts_with("Adopt")).expect("adopt");
    assert!(adopt.has("disabled"));
    let reason = adopt.get("aria-describedby").expect("a reason");
    let said = tags(there).into_iter().find(|t| t.get("id") == Some(reason)).expect("the sentence");
    assert_eq!(said.text, why);
    assert!(text(row(there, "spec.template.resourcePolicy")).contains(why), "and beside the field");
}

#[tokio::test]
async fn each_standing_says_what_is_in_force() {
    let failing =
        || Standing::Failing { reason: "connection refused.".into(), attempts: 3, next_try: Some(NOW.plus(90_000)) };
    for (standing, words, act) in [
        (Standing::Applying, "Version 4 is on its way to velero-zrh. Version 3 is still in force.", None),
        (failing(), "connection refused. 3 tries so far. The next is in 1 min.", Some("retry-definition")),
        (
            Standing::Invalid { reasons: vec!["invalid schedule: too often.".into()], drift: vec![] },
            "velero-zrh has it, and refuses to run it invalid schedule: too often.",
            None,
        ),
        (
            Standing::Invalid { reasons: vec!["no.".into()], drift: vec![drift("spec.schedule", Some("x"), None)] },
            "spec.schedule 336h0m0s x",
            Some("reapply"),
        ),
        (Standing::Missing, "Somebody deleted it on velero-zrh Nothing runs any more.", Some("reapply")),
        (
            Standing::Removing {
                stuck: Some(Stuck { reason: "A finalizer. Remove it.".into(), attempts: 1, next_try: None }),
            },
            "It is to be deleted, and velero-zrh has not confirmed it A finalizer. Remove it.",
            Some("retry-definition"),
        ),
        (Standing::Removing { stuck: None }, "It disappears from here as soon as velero-zrh has confirmed.", None),
    ] {
        let mut stub = with(standing.clone());
        stub.definition.as_mut().expect("one").applied_version = 3;
        let page = seen(stub, "/definitions/d1").await;
        assert!(text(&page).contains(words), "{standing:?}: {}", text(&page));
        if let Some(act) = act {
            assert!(offers(&page, act), "{standing:?}");
        }
        assert_eq!(offers(&page, "run"), !standing.is_removing(), "{standing:?}");
    }
    let page = seen(lived_in(), "/definitions/d1").await;
    assert!(!page.contains(" id=\"drift\"") && !offers(&page, "reapply") && !offers(&page, "adopt"));
}

#[tokio::test]
async fn pause_and_resume_change_places() {
    let page = seen(lived_in(), "/definitions/d1").await;
    assert!(offers(&page, "pause"));
    let shown = tags(&page).into_iter().filter(|t| t.get("command") == Some("show-modal"));
    assert_eq!(shown.map(|t| t.get("commandfor").unwrap_or_default().to_owned()).collect::<Vec<_>>(), ["delete"]);

    let mut stub = lived_in();
    let detail = stub.definition.as_mut().expect("one");
    detail.row.paused = true;
    detail.row.next_run = NextRun::None("paused".into());
    let page = seen(stub, "/definitions/d1").await;
    assert_eq!(h1(&page), "shop-nightly Paused");
    assert!(!offers(&page, "pause") && offers(&page, "resume-now") && offers(&page, "resume-quiet"));
    assert_eq!(fact(&page, "Next run"), "None paused");
    assert!(text(&page).contains("Paused No scheduled run begins until somebody resumes it."), "nobody knows who");

    let mut stub = lived_in();
    let detail = stub.definition.as_mut().expect("one");
    (detail.row.schedule, detail.definition.schedule) = (None, None);
    let page = seen(stub, "/definitions/d1").await;
    assert!(!offers(&page, "pause") && offers(&page, "run"), "what has no schedule can't be paused");
    assert_eq!(fact(&page, "Schedule"), "by hand");
}

#[tokio::test]
async fn deleting_says_what_stays() {
    let page = seen(lived_in(), "/definitions/d1").await;
    let dialog = page.split_once(" id=\"delete\"").expect("the question").1.split("</dialog>").next().unwrap();
    let read = text(dialog);
    assert!(read.contains("shop-nightly-7b1a9c is removed from velero-zrh"), "{read}");
    assert!(read.contains("3 recovery points stay and can be restored until they expire."), "{read}");
    let buttons: Vec<_> = tags(dialog).into_iter().filter(|t| t.name == "button").collect();
    assert_eq!(buttons[0].text, "Keep it", "the safe answer comes first");
    assert_eq!(buttons[1].get("data-act"), Some("delete-definition"));
}

#[tokio::test]
async fn a_definition_without_anything_to_restore_says_so() {
    let mut stub = lived_in();
    let detail = stub.definition.as_mut().expect("one");
    detail.row.newest_good = None;
    (detail.runs, detail.points) = (Vec::new(), Vec::new());
    let page = seen(stub, "/definitions/d1").await;
    assert_eq!(fact(&page, "Newest good point"), "None yet");
    assert!(text(section(&page, "points")).contains("None yet: nothing could be restored."));
    assert!(text(section(&page, "runs")).contains("No run yet."));
}

#[tokio::test]
async fn an_overdue_run_is_called_so() {
    let mut stub = lived_in();
    stub.definition.as_mut().expect("one").row.next_run = NextRun::At(NOW.plus(-3_600_000));
    let page = seen(stub, "/definitions/d1").await;
    assert_eq!(fact(&page, "Next run"), "Overdue due 1 h ago");
}

#[tokio::test]
async fn a_pause_says_whose_it_is() {
    let paused = |upstream| {
        let mut stub = lived_in();
        let row = &mut stub.definition.as_mut().expect("one").row;
        (row.paused, row.next_run) = (true, NextRun::None("paused".into()));
        row.paused_by = Some(Pause { by: "ada".into(), at: NOW.plus(-9 * 24 * 3_600_000), upstream });
        stub
    };
    let page = seen(paused(false), "/definitions/d1").await;
    assert!(
        text(&page).contains("Paused by ada, 9 d ago No scheduled run begins until somebody resumes it."),
        "{}",
        text(&page)
    );
    assert_eq!(fact(&page, "Next run"), "None paused by ada, 9 d ago");
    let page = seen(paused(true), "/definitions/d1").await;
    assert!(text(&page).contains("Paused upstream, taken over by ada, 9 d ago"), "{}", text(&page));
}

#[tokio::test]
async fn what_somebody_switched_off_upstream_has_no_next_run() {
    let off = Drift { theirs: Some("true".into()), ..drift("spec.paused", None, None) };
    let page = seen(with(Standing::Drifted { fields: vec![off] }), "/definitions/d1").await;
    assert_eq!(fact(&page, "Next run"), "None switched off on velero-zrh, outside Holdfast");
}
