//! Definitions of Velero that are several Schedules: what holds for one object holds for all of them together.

use super::*;
use model::tier::Tier;

/// A stage whose definitions have so many tiers, and so many after an edit.
pub struct Tiered<const BEFORE: usize, const AFTER: usize>(Velero);

/// Three of each.
mod kept {
    suite!(@each super::Tiered<3, 3>;
        applying::creates_once,
        applying::an_edit_changes_what_is_there,
        applying::removes_what_it_made_and_points_stay,
        applying::pauses_and_resumes,
        applying::a_preview_changes_nothing,
        applying::a_foreign_object_of_its_name_is_left_alone,
        crashing::a_crash_between_two_steps_leaves_one_of_each,
        crashing::a_crash_between_the_steps_of_an_edit_is_mended,
        drifting::a_change_by_somebody_is_not_written_over,
        drifting::drift_is_seen_and_adopted,
        running::one_order_is_one_run,
        running::a_run_whose_answer_was_lost_is_found_again,
        faults::every_fault_has_its_kind,
    );
}

mod more {
    suite!(@each super::Tiered<1, 3>;
        crashing::a_crash_between_the_steps_of_an_edit_is_mended,
        drifting::a_change_by_somebody_is_not_written_over,
    );
}

mod fewer {
    suite!(@each super::Tiered<3, 1>;
        crashing::a_crash_between_the_steps_of_an_edit_is_mended,
        drifting::a_change_by_somebody_is_not_written_over,
    );
}

/// The second one goes and the third takes its place.
mod moved_up {
    suite!(@each super::Tiered<3, 2>;
        crashing::a_crash_between_the_steps_of_an_edit_is_mended,
        drifting::a_change_by_somebody_is_not_written_over,
    );
}

const DAY: u64 = 86_400;

/// None of them comes due during a test.
fn further() -> [Tier; 2] {
    [("0 0 1 2 *", 30), ("@every 87600h", 365)].map(|(cron, days)| Tier {
        schedule: Schedule { cron: cron.into(), zone: Some("Europe/Zurich".into()) },
        retention: Retention { keep_for: Some(Seconds(days * DAY)), ..Retention::default() },
    })
}

impl<const BEFORE: usize, const AFTER: usize> Stage for Tiered<BEFORE, AFTER> {
    async fn open() -> Self {
        Self(Velero::open().await)
    }

    async fn crowd() -> (Self, Crowd) {
        let (stage, crowd) = Velero::crowd().await;
        (Self(stage), crowd)
    }

    async fn without_the_product() -> (Self, ConnectionDraft) {
        let (stage, draft) = Velero::without_the_product().await;
        (Self(stage), draft)
    }

    fn sim(&self) -> &Sim {
        self.0.sim()
    }

    fn owned(&self, stem: &str) -> Owned {
        let mut owned = self.0.owned(stem);
        owned.definition.further = further().into_iter().take(BEFORE - 1).collect();
        owned
    }

    fn edited(&self, owned: &Owned) -> Owned {
        let mut owned = self.0.edited(owned);
        let mut tiers = further();
        tiers[0].retention.keep_for = Some(Seconds(7 * DAY));
        if AFTER < BEFORE {
            tiers.reverse();
        }
        owned.definition.further = tiers.into_iter().take(AFTER - 1).collect();
        owned
    }

    fn objects(&self, owned: &Owned) -> Vec<Value> {
        self.0.objects(owned)
    }

    fn drift(&self, owned: &Owned) -> Definition {
        let mut meant = owned.definition.clone();
        match meant.further.first_mut() {
            Some(tier) => {
                let name = format!("{}-t2", owned.upstream_name);
                self.0.edit_named(&name, |schedule| schedule["spec"]["template"]["ttl"] = json!("48h"));
                tier.retention.keep_for = Some(Seconds(2 * DAY));
                meant
            }
            None => self.0.drift(owned),
        }
    }

    fn unmark(&self, owned: &Owned) {
        self.0.unmark(owned);
    }

    fn foreign(&self, owned: &Owned) -> bool {
        let mut second = owned.clone();
        second.upstream_name.push_str("-t2");
        self.0.foreign(&second)
    }

    fn foreign_now(&self, owned: &Owned) -> Value {
        let mut second = owned.clone();
        second.upstream_name.push_str("-t2");
        self.0.foreign_now(&second)
    }

    fn endings(&self) -> Vec<(&'static str, Phase)> {
        self.0.endings()
    }

    fn next_run_ends(&self, owned: &Owned, way: &str) {
        self.0.next_run_ends(owned, way);
    }

    fn states(&self) -> &'static [State] {
        self.0.states()
    }

    fn invent(&self, owned: &Owned, word: &str) -> String {
        self.0.invent(owned, word)
    }

    fn bare(&self, owned: &Owned) {
        self.0.bare(owned);
    }

    fn restore_order(&self, point: &PointSeen) -> RestoreOrder {
        self.0.restore_order(point)
    }

    fn fail_restore(&self, order: &mut RestoreOrder) {
        self.0.fail_restore(order);
    }

    fn normal(&self, definition: Definition) -> Definition {
        self.0.normal(definition)
    }
}
