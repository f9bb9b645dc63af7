//! The verbs in the order of a life, each once more after it was done.

use crate::stage::{Stage, stage};
use model::{Phase, duration::Seconds, recovery::PointState, restore::RestoreOrder};
use server::provider::{Observed, PointSeen, RunSeen};

async fn seen(stage: &Stage) -> (Vec<RunSeen>, Vec<PointSeen>) {
    let (mut runs, mut points) = (Vec::new(), Vec::new());
    for observed in stage.watch().first().await {
        match observed {
            Observed::Run(run) => runs.push(*run),
            Observed::Point(point) => points.push(*point),
            _ => {}
        }
    }
    (runs, points)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_first_apply_to_the_removal() {
    let stage = stage().await;
    let provider = &stage.provider;
    assert!(provider.capabilities().subject().is_some());
    let mut owned = stage.owned("whole");
    assert!(provider.express(&owned.definition).0.is_empty());
    let first = provider.apply(&owned, None, None).await.unwrap();
    let again = provider.apply(&owned, Some(&first), None).await.unwrap();
    assert_eq!(first.written, again.written);
    owned.version = 2;
    owned.definition.retention.keep_for = Some(Seconds(50 * 3600));
    provider.apply(&owned, Some(&first), None).await.unwrap();
    // Its schedule comes due.
    stage.advance(300);
    let (runs, points) = seen(&stage).await;
    assert_eq!((runs.len(), points.len()), (1, 2));
    assert_eq!((&runs[0].phase, runs[0].declared.as_deref()), (&Phase::Succeeded, Some(owned.upstream_name.as_str())));
    let expires = points[0].expires.unwrap().since(points[0].taken.unwrap());
    assert_eq!(expires / 3_600_000, 50, "as long as it says");
    let order = RestoreOrder { point_name: points[0].name.clone(), ..RestoreOrder::default() };
    provider.restore(&order, &stage.ask("r", false)).await.unwrap();
    stage.advance(300);
    for point in &points {
        provider.delete_point(&point.name, "o").await.unwrap();
        provider.delete_point(&point.name, "o").await.unwrap();
    }
    let (_, deleting) = seen(&stage).await;
    assert!(deleting.iter().all(|p| p.state == PointState::Deleting), "{deleting:?}");
    stage.advance(60);
    assert!(seen(&stage).await.1.is_empty());
    provider.remove(&owned, None).await.unwrap();
    provider.remove(&owned, None).await.unwrap();
    stage.advance(2 * 86_400);
    assert!(seen(&stage).await.0.is_empty(), "nothing runs any more");
}
