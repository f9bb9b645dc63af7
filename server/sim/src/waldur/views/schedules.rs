//! Backup schedules: made inactive whatever the body says, then switched by an action. Two generations, two field names,
//! four sentences for one idea.

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::backups::LONGEST_NAME;
use crate::rest::{Answer, Request};
use crate::waldur::cloud::Cloud;
use crate::waldur::cron;
use crate::waldur::drf::{self, detail};
use crate::waldur::field::Form;
use crate::waldur::model::Schedule;

const LARGEST_DAYS: u32 = 2_147_483_647;
const LARGEST_NUMBER: u32 = 32_767;
const SHORTEST_HOURS: i64 = 1;
pub(super) const BOOTABLE: &str = "OpenStack instance should have bootable volume.";

/// What a body says of a schedule; unset: not sent.
#[derive(Default)]
struct Terms {
    name: Option<String>,
    description: Option<String>,
    retention_days: Option<u32>,
    maximum: Option<u32>,
    expression: Option<String>,
    timezone: Option<String>,
    instance: Option<String>,
}

impl Cloud {
    /// G2: POST of the collection with the instance in the body. Later: POST `instances/{uuid}/create_backup_schedule/`.
    pub(super) fn create_schedule(&mut self, request: &Request, instance: Option<&str>) -> Answer {
        if instance.is_some_and(|instance| !self.may_change(instance)) {
            return drf::forbidden();
        }
        let body = match drf::object(request) {
            Ok(body) => body,
            Err(answer) => return answer,
        };
        let terms = match self.terms(request, &body, false) {
            Ok(terms) => terms,
            Err(answer) => return answer,
        };
        let Some(instance) = instance.map(str::to_owned).or(terms.instance) else {
            return drf::not_found();
        };
        if !self.may_change(&instance) {
            return drf::forbidden();
        }
        let bootable = self.instance(&instance).is_some_and(|instance| instance.system_volume().is_some());
        if !self.generation().is_old() && !bootable {
            return Answer::json(400, &json!({"non_field_errors": [BOOTABLE]}));
        }
        let mut schedule = Schedule {
            uuid: self.draw(),
            name: terms.name.unwrap_or_default(),
            description: terms.description.unwrap_or_default(),
            instance,
            retention_days: terms.retention_days.unwrap_or_default(),
            maximum: terms.maximum.unwrap_or_default(),
            expression: terms.expression.unwrap_or_default(),
            timezone: terms.timezone.unwrap_or_else(|| self.options.server_timezone.clone()),
            active: false,
            next_trigger: None,
            calls: 0,
            error: String::new(),
            created: self.now,
            modified: self.now,
            extra: Map::new(),
        };
        schedule.recompute(self.now);
        let shown = self.look(request).schedule(&schedule);
        self.schedules.push(schedule);
        Answer::json(201, &shown)
    }

    fn terms(&self, request: &Request, body: &Map<String, Value>, partial: bool) -> Result<Terms, Answer> {
        let old = self.generation().is_old();
        let mut form = Form::new(body, partial);
        let mut terms = Terms::default();
        if old {
            terms.instance = self.instance_field(&mut form, request);
        } else {
            terms.name = form.text("name", true, false, LONGEST_NAME);
        }
        terms.description = form.text("description", false, true, self.longest_description());
        terms.retention_days = form.number("retention_time", LARGEST_DAYS);
        let maximum = if old { "maximal_number_of_backups" } else { "maximal_number_of_resources" };
        terms.maximum = form.number(maximum, LARGEST_NUMBER);
        terms.expression = self.expression(&mut form);
        terms.timezone = form.text("timezone", false, false, 50);
        if let Some(zone) = terms.timezone.clone()
            && !is_zone(&zone)
        {
            form.refuse("timezone", format!("\"{zone}\" is not a valid choice."));
        }
        form.answer().map_or(Ok(terms), Err)
    }

    /// A cron expression. From G3 on the gap between the next two firings, and only that one, must be an hour.
    fn expression(&self, form: &mut Form<'_>) -> Option<String> {
        let longest = self.options.cron_max_length().unwrap_or(usize::MAX);
        let text = form.text("schedule", true, false, longest)?;
        let cron = match cron::parse(&text) {
            Ok(cron) => cron,
            Err(sentence) => {
                form.refuse("schedule", sentence);
                return None;
            }
        };
        let Some(first) = cron.next(self.now, &TimeZone::UTC) else {
            form.refuse("schedule", "failed to find next date");
            return None;
        };
        let gap = cron.next(first, &TimeZone::UTC).map(|second| second.as_second() - first.as_second());
        if !self.generation().is_old() && gap.is_some_and(|gap| gap < SHORTEST_HOURS * 3600) {
            form.refuse(
                "schedule",
                format!("Ensure schedule period is greater than or equal to {SHORTEST_HOURS} hour(s)."),
            );
            return None;
        }
        Some(text)
    }

    /// PUT and PATCH. The next firing is counted anew when expression or time zone change.
    pub(super) fn edit_schedule(&mut self, request: &Request, uuid: &str) -> Answer {
        let Some(at) = self.schedule_at(uuid) else {
            return drf::not_found();
        };
        if !self.may_change(&self.schedules[at].instance) {
            return drf::forbidden();
        }
        let body = match drf::object(request) {
            Ok(body) => body,
            Err(answer) => return answer,
        };
        let terms = match self.terms(request, &body, request.method == "PATCH") {
            Ok(terms) => terms,
            Err(answer) => return answer,
        };
        if terms.instance.as_ref().is_some_and(|instance| !self.may_change(instance)) {
            return drf::forbidden();
        }
        let now = self.now;
        let schedule = &mut self.schedules[at];
        let before = (schedule.expression.clone(), schedule.timezone.clone());
        let put = |to: &mut String, from: Option<String>| *to = from.unwrap_or_else(|| std::mem::take(to));
        put(&mut schedule.name, terms.name);
        put(&mut schedule.description, terms.description);
        put(&mut schedule.expression, terms.expression);
        put(&mut schedule.timezone, terms.timezone);
        put(&mut schedule.instance, terms.instance);
        schedule.retention_days = terms.retention_days.unwrap_or(schedule.retention_days);
        schedule.maximum = terms.maximum.unwrap_or(schedule.maximum);
        schedule.modified = now;
        if before != (schedule.expression.clone(), schedule.timezone.clone()) {
            schedule.recompute(now);
        }
        Answer::json(200, &self.look(request).schedule(&self.schedules[at]))
    }

    /// Its backups stay, with no schedule.
    pub(super) fn destroy_schedule(&mut self, uuid: &str) -> Answer {
        let Some(at) = self.schedule_at(uuid) else {
            return drf::not_found();
        };
        if !self.may_change(&self.schedules[at].instance) {
            return drf::forbidden();
        }
        self.schedules.remove(at);
        for backup in self.backups.iter_mut().filter(|backup| backup.schedule.as_deref() == Some(uuid)) {
            backup.schedule = None;
        }
        Answer::empty(204)
    }

    pub(super) fn switch_schedule(&mut self, uuid: &str, on: bool) -> Answer {
        let Some(at) = self.schedule_at(uuid) else {
            return drf::not_found();
        };
        if !self.may_change(&self.schedules[at].instance) {
            return drf::forbidden();
        }
        let (now, old) = (self.now, self.generation().is_old());
        let schedule = &mut self.schedules[at];
        if schedule.active == on {
            return match (old, on) {
                (true, true) => Answer::json(409, &json!({"status": "BackupSchedule is already activated"})),
                (true, false) => Answer::json(409, &json!({"status": "BackupSchedule is already deactivated"})),
                (false, true) => detail(409, "Resource schedule is already activated."),
                (false, false) => detail(409, "A schedule is already deactivated."),
            };
        }
        schedule.active = on;
        schedule.modified = now;
        if on {
            schedule.error.clear();
            schedule.recompute(now);
        }
        let sentence = match (old, on) {
            (true, true) => "BackupSchedule was activated",
            (true, false) => "BackupSchedule was deactivated",
            (false, true) => "A schedule was activated",
            (false, false) => "Backup schedule was deactivated",
        };
        Answer::json(200, &json!({"status": sentence}))
    }
}

/// A name of the time-zone database, in its own spelling.
fn is_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok_and(|zone| zone.iana_name() == Some(name))
}
