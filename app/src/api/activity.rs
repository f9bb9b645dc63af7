//! Server functions about runs, recovery points and restores.

use model::{
    PointId, RestoreId, RunId,
    restore::{RestoreDraft, RestoreOffer},
    run::{LogPage, Results},
    view::{Page, PointFilter, PointRow, RestoreStart, RestoreView, RunFilter, RunRow, RunView},
};

calls! {
    RunsCall "runs/list" fn runs(filter: RunFilter) -> Page<RunRow>;
    RunCall "runs/get" fn run(id: RunId) -> RunView;
    /// `level`: `error`, `warning` (and errors) or empty for all.
    RunLogCall "runs/log" fn run_log(id: RunId, text: String, level: String) -> LogPage;
    RunResultsCall "runs/results" fn run_results(id: RunId) -> Results;
    PointsCall "recovery-points/list" fn points(filter: PointFilter) -> Page<PointRow>;
    /// Deletes the recovery point and its data, for ever. `confirm` is its name, typed.
    DeletePointCall "recovery-points/delete" fn delete_point(id: PointId, confirm: String) -> ();
    RestoresCall "restores/list" fn restores(page: String) -> Page<RestoreView>;
    RestoreCall "restores/get" fn restore(id: RestoreId) -> RestoreView;
    RestoreLogCall "restores/log" fn restore_log(id: RestoreId, text: String, level: String) -> LogPage;
    RestoreResultsCall "restores/results" fn restore_results(id: RestoreId) -> Results;
    StartRestoreCall "restores/start" fn start_restore(point: PointId) -> RestoreStart;
    CreateRestoreCall "restores/create" fn create_restore(draft: RestoreDraft) -> RestoreId;
    /// The live lists that the restore form offers.
    RestoreOfferCall "restores/offer" fn restore_offer(point: PointId) -> RestoreOffer;
}
