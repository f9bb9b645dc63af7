//! Somebody changes upstream what was applied: it is told, never written over, and can be adopted.

use super::applying::{declared, stands_as_saved};
use crate::stage::Stage;
use server::provider::{Applied, ErrorKind};

pub async fn a_change_by_somebody_is_not_written_over<S: Stage>() {
    let stage = S::open().await;
    let owned = stage.owned("dispute");
    let provider = stage.provider();
    let first = provider.apply(&owned, None, None).await.unwrap();
    stage.drift(&owned);
    let at = stage.objects(&owned);
    let edited = stage.edited(&owned);
    let held = provider.apply(&edited, Some(&first), None).await.unwrap_err();
    assert_eq!(held.kind, ErrorKind::Disputed, "{held:?}");
    let dispute = held.dispute.unwrap();
    assert!(!dispute.drift.is_empty());
    assert_eq!(dispute.seen.name, owned.upstream_name);
    assert_eq!(stage.objects(&owned), at, "nothing was written");
    // Nobody recorded what was written before: that is no licence to write over it either.
    let again = provider.apply(&edited, Some(&first), None).await.unwrap_err();
    assert_eq!(again.kind, ErrorKind::Disputed, "{again:?}");
    // Ordered over what was seen, it is as saved.
    let agreed = Applied { written: dispute.seen.seen.clone(), ..first };
    let second = provider.apply(&edited, Some(&agreed), None).await.unwrap();
    stands_as_saved(&stage, &edited, &second).await;
}

pub async fn drift_is_seen_and_adopted<S: Stage>() {
    let stage = S::open().await;
    let mut owned = stage.owned("drift");
    let provider = stage.provider();
    let first = provider.apply(&owned, None, None).await.unwrap();
    let meant = stage.drift(&owned);
    assert_ne!(meant, owned.definition, "the stage changed something");
    let seen = declared(&stage, &owned, |seen| !provider.drift(&first, seen).is_empty()).await;
    assert!(seen.definition.is_none() || seen.definition.as_deref() == Some(owned.id.as_str()), "{seen:?}");
    let drift = provider.drift(&first, &seen);
    for one in &drift {
        assert!(!one.field.is_empty() && one.ours != one.theirs, "{one:?}");
        assert_eq!(one.not_adoptable, None, "{one:?}");
    }
    let adopted = provider.adopt(&owned, &seen).unwrap();
    assert_eq!(stage.normal(adopted.clone()), stage.normal(meant));
    // What was adopted is in force already.
    let at = stage.objects(&owned);
    owned.definition = adopted;
    owned.version = 2;
    let agreed = Applied { written: seen.seen.clone(), ..first };
    let second = provider.apply(&owned, Some(&agreed), None).await.unwrap();
    assert_eq!(stage.objects(&owned).len(), at.len());
    stands_as_saved(&stage, &owned, &second).await;
}
