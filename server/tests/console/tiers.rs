//! One definition of several Schedules: through the console it is one.

use super::bed::{Bed, draft, eventually, operator};
use app::backend::Definitions;
use model::{
    DefinitionId,
    definition::Standing,
    draft::{DefinitionDraft, TierDraft},
};
use serde_json::Value;

fn tier(cron: &str, keep_for: &str) -> TierDraft {
    TierDraft { cron: cron.into(), keep_for: keep_for.into(), ..TierDraft::default() }
}

async fn applied(bed: &Bed, id: &DefinitionId, version: i64) {
    eventually("the apply", async || {
        // Velero writes into its Schedules too, so that a write may come too late and be repeated after a while.
        bed.clock.advance(3_000);
        bed.step().await;
        (bed.detail(id).await.applied_version == version).then_some(())
    })
    .await;
}

/// Schedules that Velero has looked at: it writes into them by itself.
async fn looked_at(bed: &Bed, count: usize) {
    eventually("Velero's look", async || {
        let all = bed.objects("shop", "schedules");
        (all.len() == count && all.iter().all(|one| one["status"]["phase"].is_string())).then_some(())
    })
    .await;
}

/// Our own writes, of which the observer sees every state in between, are nobody's change.
#[tokio::test(flavor = "multi_thread")]
async fn tiers_come_and_go_without_being_taken_for_somebodys_change() {
    let bed = Bed::observed().await;
    let connection = bed.connect("shop").await;
    let of = |further: &[TierDraft]| DefinitionDraft { further: further.to_vec(), ..draft(&connection, "web-nightly") };
    let (weekly, monthly) = (tier("30 3 * * 0", "56"), tier("30 4 1 * *", "365"));
    let yearly = tier("30 5 1 1 *", "3650");
    let id = bed.console.create_definition(&operator(), of(std::slice::from_ref(&weekly))).await.unwrap();
    applied(&bed, &id, 1).await;
    let rounds: [&[TierDraft]; 6] = [
        &[],
        &[weekly.clone(), monthly.clone(), yearly.clone()],
        &[monthly.clone(), yearly.clone()],
        &[],
        std::slice::from_ref(&yearly),
        &[yearly.clone(), monthly, weekly.clone()],
    ];
    for (at, further) in rounds.iter().enumerate() {
        let version = i64::try_from(at).unwrap() + 1;
        // The edit is refused while anything is taken for a change.
        bed.console.change_definition(&operator(), id.clone(), version, of(further)).await.unwrap();
        applied(&bed, &id, version + 1).await;
        looked_at(&bed, 1 + further.len()).await;
    }
    eventually("everything seen", async || {
        let record = bed.console.store().definition(&id).await.unwrap();
        record.seen.filter(|seen| seen.seen["tiers"].as_object().is_some_and(|tiers| tiers.len() == 3))
    })
    .await;
    let detail = bed.detail(&id).await;
    assert_eq!(detail.row.standing, Standing::Applied);
    let changes: Vec<_> = detail.timeline.iter().filter(|line| line.kind == "drifted").collect();
    assert!(changes.is_empty(), "{changes:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_one_tier_is_shown_and_taken_over() {
    let bed = Bed::observed().await;
    let connection = bed.connect("shop").await;
    let further = vec![tier("30 3 * * 0", "56"), tier("30 4 1 * *", "365")];
    let draft = DefinitionDraft { further, ..draft(&connection, "web-nightly") };
    let id = bed.console.create_definition(&operator(), draft).await.unwrap();
    applied(&bed, &id, 1).await;
    looked_at(&bed, 3).await;
    let name = bed.detail(&id).await.upstream_name;
    bed.edit("shop", "schedules", &format!("{name}-t2"), |object| {
        object["spec"]["template"]["ttl"] = "24h0m0s".into();
    });
    let fields = eventually("the drift", async || match bed.detail(&id).await.row.standing {
        Standing::Drifted { fields } => Some(fields),
        _ => None,
    })
    .await;
    assert_eq!(fields.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["t2: spec.template.ttl"]);
    let second = |bed: &Bed| -> Value {
        let all = bed.objects("shop", "schedules");
        all.into_iter().find(|one| one["metadata"]["name"] == format!("{name}-t2")).unwrap_or_default()
    };
    bed.console.adopt_definition(&operator(), id.clone()).await.unwrap();
    applied(&bed, &id, 2).await;
    let detail = bed.detail(&id).await;
    assert_eq!(detail.definition.further[0].retention.keep_for, Some(model::duration::Seconds(86_400)));
    assert_eq!(second(&bed)["spec"]["template"]["ttl"], "24h0m0s");
    // Paused is all of it, and deleted as well.
    bed.console.pause_definition(&operator(), id.clone()).await.unwrap();
    applied(&bed, &id, 3).await;
    assert!(bed.objects("shop", "schedules").iter().all(|one| one["spec"]["paused"] == true));
    bed.console.delete_definition(&operator(), id.clone()).await.unwrap();
    eventually("the removal", async || {
        bed.step().await;
        bed.objects("shop", "schedules").is_empty().then_some(())
    })
    .await;
}
