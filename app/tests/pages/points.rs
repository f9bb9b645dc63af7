//! Recovery points: a long list stays light, and what cannot be undone is asked on the point's own page.

use super::{
    filled::lived_in,
    html::{tags, text},
    page, seen,
    support::{NOW, Stub, page_as_sent, point, signed_in},
};
use model::{
    account::Role,
    recovery::{Deletion, PointState},
    view::{Page, PointRow},
};

/// Bytes that a row of the list may have. A full page has a hundred of them.
const ROW: usize = 1_200;

fn long() -> Stub {
    let row = |n: usize| PointRow {
        point: point(&format!("shop-nightly-7b1a9c-202610290230{n:02}"), PointState::Whole),
        definition_name: Some("shop-nightly".into()),
        connection_name: "velero-zrh".into(),
        silent: false,
    };
    Stub { points: Page { rows: (0..100).map(row).collect(), total: 100, ..Page::default() }, ..Stub::default() }
}

#[tokio::test]
async fn a_full_page_stays_light() {
    let mut short = long();
    short.points.rows.truncate(1);
    let (_, one) = page_as_sent(short, signed_in(Role::Administrator), "/recovery-points").await;
    let (_, hundred) = page_as_sent(long(), signed_in(Role::Administrator), "/recovery-points").await;
    let each = (hundred.len() - one.len()) / 99;
    assert!(each <= ROW, "a row has {each} bytes");
    assert!(!hundred.contains("<dialog"), "questions are asked on the page of the one that they are about");
    let restores =
        tags(&hundred).into_iter().filter(|t| t.get("href").is_some_and(|h| h.starts_with("/restores/new?")));
    assert_eq!(restores.count(), 100, "each can be restored from its row");
}

#[tokio::test]
async fn deleting_asks_for_the_name_on_the_points_own_page() {
    let page = seen(lived_in(), "/recovery-points/id-shop-nightly-1").await;
    let tags = tags(&page);
    let opens = tags.iter().find(|t| t.get("command") == Some("show-modal")).expect("a button that needs no code");
    assert_eq!(opens.get("commandfor"), Some("delete"));
    let dialog = page.split_once(" id=\"delete\"").expect("the question").1.split("</form>").next().unwrap();
    assert!(text(dialog).contains("Type shop-nightly-1 to confirm"), "{}", text(dialog));
    let buttons: Vec<_> = super::tags(dialog).into_iter().filter(|t| t.name == "button").collect();
    assert_eq!(buttons[0].text, "Keep it", "the safe answer comes first");
    assert_eq!(
        (buttons[1].get("data-act"), buttons[1].get("data-id")),
        (Some("delete-point"), Some("id-shop-nightly-1"))
    );
}

#[tokio::test]
async fn what_is_being_deleted_offers_nothing() {
    let asked = |error: Option<&str>| {
        Some(Deletion { asked_by: "ines".into(), at: NOW.plus(-60_000), error: error.map(str::to_owned) })
    };
    let mut stub = lived_in();
    stub.point.as_mut().unwrap().point.deletion = asked(None);
    let going = seen(stub, "/recovery-points/id-shop-nightly-1").await;
    assert!(text(&going).contains("It is being deleted") && text(&going).contains("Asked by ines 1 min ago."));
    assert!(!going.contains("/restores/new") && !going.contains("data-act"), "nothing more can be asked");

    let mut stub = lived_in();
    stub.point.as_mut().unwrap().point.deletion = asked(Some("the location is read-only"));
    let refused = seen(stub, "/recovery-points/id-shop-nightly-1").await;
    assert!(text(&refused).contains("Its deletion was refused the location is read-only"));
    assert!(refused.contains("/restores/new") && refused.contains("delete-point"), "it is still there");

    let (_, looked_at) = page(lived_in(), signed_in(Role::Viewer), "/recovery-points/id-shop-nightly-1").await;
    assert!(!looked_at.contains("<dialog"), "a viewer is asked nothing");
}
