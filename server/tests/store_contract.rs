//! What the store promises, on SQLite in a file, on SQLite in memory and on PostgreSQL: one list of cases.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "store_contract/accounts.rs"]
mod accounts;
#[path = "store_contract/bed.rs"]
mod bed;
#[path = "store_contract/desired.rs"]
mod desired;
#[path = "store_contract/failing.rs"]
mod failing;
#[path = "store_contract/listed.rs"]
mod listed;
#[path = "store_contract/lists.rs"]
mod lists;
#[path = "store_contract/observed.rs"]
mod observed;
#[path = "store_contract/orders.rs"]
mod orders;
#[path = "store_contract/policies.rs"]
mod policies;
#[path = "support/postgres.rs"]
mod postgres_server;
#[path = "store_contract/rooms.rs"]
mod rooms;
#[path = "store_contract/timing.rs"]
mod timing;

macro_rules! on_every_engine {
    ($($file:ident :: $case:ident),* $(,)?) => {
        mod sqlite_file {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                let bed = crate::bed::Bed::file().await;
                crate::$file::$case(&bed).await;
            })*
        }
        mod sqlite_memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                let bed = crate::bed::Bed::memory().await;
                crate::$file::$case(&bed).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                if let Some(bed) = crate::bed::Bed::postgres().await {
                    crate::$file::$case(&bed).await;
                    bed.end().await;
                }
            })*
        }
    };
}

on_every_engine!(
    accounts::names_are_unique,
    accounts::one_first_user,
    accounts::one_administrator_stays,
    accounts::sessions_end,
    accounts::failures_are_counted,
    accounts::settings_are_set_once,
    accounts::audit_is_read_backwards,
    accounts::old_refusals_are_dropped,
    desired::two_nodes_never_claim_one_row,
    desired::one_connection_holds_only_a_few_claims,
    desired::an_expired_lease_is_taken_over,
    desired::an_edit_during_apply_is_applied_next,
    listed::who_paused_is_kept_until_it_is_resumed,
    listed::further_schedules_count_from_their_own_moments,
    desired::a_failure_waits_and_an_edit_forgets_it,
    desired::versions_are_optimistic,
    desired::audit_and_change_are_one,
    desired::removal_ends_with_the_row,
    desired::drift_is_recorded_once,
    desired::a_disputed_apply_is_held_until_somebody_decides,
    desired::what_was_seen_during_an_apply_is_kept,
    desired::connections_are_leased_and_edited,
    desired::two_nodes_open_at_once,
    desired::changes_reach_the_other_node,
    lists::definitions_page_in_every_order,
    lists::definitions_filter_and_count,
    lists::pages_are_stable_under_inserts,
    lists::strange_input_is_harmless,
    observed::a_quiet_resync_writes_nothing,
    observed::a_full_list_marks_what_is_gone,
    observed::nothing_is_stored_of_a_removed_connection,
    observed::the_newest_good_point_is_kept,
    observed::what_has_expired_is_no_good,
    observed::the_last_run_is_kept,
    observed::objects_find_their_definition,
    observed::what_was_stored_comes_back,
    observed::five_thousand_runs,
    orders::a_run_is_ordered_and_seen,
    orders::a_run_waits_for_the_version_that_it_was_asked_at,
    orders::a_restore_is_ordered,
    orders::an_order_takes_the_name_that_its_upstream_gave,
    orders::a_deletion_is_ordered_and_refused,
    policies::names_are_unique_and_versions_optimistic,
    policies::a_policy_that_is_followed_stays,
    policies::a_changed_policy_reaches_everybody_once,
    policies::what_was_changed_upstream_waits,
    policies::a_refusal_is_kept_with_its_version,
    policies::an_edit_keeps_changes_or_ends_the_following,
    policies::who_follows_is_counted,
    rooms::workspaces_are_kept,
    rooms::an_upstreams_workspace_goes_with_its_connection,
    rooms::a_place_is_dated_from_the_second_reading_on,
    rooms::a_month_is_read_at_once,
    rooms::requests_are_read_page_by_page,
    timing::list_and_batch,
);
