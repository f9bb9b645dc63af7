//! What holds for every system: one list of cases over the trait `Provider`, run against each simulator, chosen by what the
//! system can do.
//!
//! A system takes part with one file: its [`stage::Stage`], and `suite!(…)` at the end. A failure is then named
//! `palette::pauses_and_resumes`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

/// Makes a test of each case for a stage.
macro_rules! suite {
    ($stage:ty) => {
        suite!(@each $stage;
            applying::creates_once,
            applying::an_edit_changes_what_is_there,
            applying::removes_what_it_made_and_points_stay,
            applying::what_lost_its_mark_is_left_alone_and_not_called_removed,
            applying::an_unscheduled_definition_is_one_backup,
            applying::pauses_and_resumes,
            applying::a_preview_changes_nothing,
            applying::a_foreign_object_of_its_name_is_left_alone,
            crashing::a_crash_between_two_steps_leaves_one_of_each,
            crashing::a_crash_between_the_steps_of_an_edit_is_mended,
            drifting::a_change_by_somebody_is_not_written_over,
            drifting::drift_is_seen_and_adopted,
            running::one_order_is_one_run,
            running::a_run_whose_answer_was_lost_is_found_again,
            running::runs_end_as_their_system_says,
            running::every_state_word_has_its_phase,
            running::missing_numbers_are_absent,
            running::three_pages_are_read_whole,
            restoring::a_restore_runs_to_its_end,
            restoring::a_restore_that_fails_is_told,
            restoring::a_point_is_deleted_once,
            faults::every_fault_has_its_kind,
            faults::a_time_out_ends_in_time,
            faults::a_redirect_is_not_followed,
            faults::a_credential_that_is_repeated_goes_no_further,
            faults::observing_ends_with_what_stays,
            checking::a_healthy_connection_passes,
            checking::each_way_to_fail_has_its_sentence,
            surviving::what_is_expressed_survives,
            surviving::what_is_refused_names_a_field,
        );
    };
    (@each $stage:ty; $($group:ident :: $case:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::cases::$group::$case::<$stage>().await;
            }
        )*
    };
}

mod bars;
mod cases;
mod dice;
mod mirror;
mod simulator;
mod stage;
mod states;

mod astra;
mod cloudcasa;
mod palette;
mod velero;
mod waldur;
