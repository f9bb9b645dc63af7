//! The demonstration's policies and workspaces.

use super::{estate::EDGE, estate::STAGING, past::Past};
use app::{
    backend::{Policies, Workspaces},
    error::ApiError,
};
use model::{
    duration::Unit,
    policy::{PolicyDraft, PolicyTierDraft},
    workspace::{LeftOutDraft, RuleDraft, WorkspaceDraft},
};

/// Name, RPO in hours, and per tier: cron, days, number.
const POLICIES: [(&str, u32, &[(&str, u32, u32)]); 5] = [
    ("Gold nightly", 26, &[("30 2 * * *", 30, 30)]),
    ("Silver nightly", 26, &[("0 3 * * *", 14, 14)]),
    ("Six-hourly", 8, &[("15 */6 * * *", 14, 56)]),
    ("Weekly archive", 192, &[("0 5 * * 0", 90, 12)]),
    ("Gold with a yearly shelf", 26, &[("0 1 * * *", 30, 30), ("0 6 1 * *", 400, 12)]),
];

/// The policy that is changed while definitions follow it.
const CHANGED: &str = "Silver nightly";

/// One workspace of ours: name, RPO in hours, rules (connection or any, clusters, namespaces, subjects), what is left out and why.
struct Room {
    name: &'static str,
    rpo_hours: u32,
    rules: &'static [(&'static str, &'static str, &'static str, &'static str)],
    left_out: &'static [(&'static str, &'static str)],
}

const SYSTEM: &str = "belongs to the cluster itself, which is built anew from Git";

const ROOMS: [Room; 6] = [
    Room {
        name: "Online shop",
        rpo_hours: 26,
        rules: &[
            ("zrh-prod-1", "", "checkout*, orders, web, loyalty-*", ""),
            ("fra-prod-1", "", "checkout*, orders, web", ""),
            ("cloudcasa-shop", "prod-fra", "checkout*, web", ""),
            ("astra-zurich", "", "", "checkout, orders"),
            ("waldur-office", "", "", "checkout-*"),
            ("waldur-cloud", "", "", "orders-*, storefront-*"),
        ],
        left_out: &[],
    },
    Room {
        name: "Payments and ledger",
        rpo_hours: 26,
        rules: &[
            ("zrh-prod-1", "", "payments*, ledger", ""),
            ("fra-prod-1", "", "payments*, ledger", ""),
            ("cloudcasa-shop", "prod-*", "payments*, ledger", ""),
            ("astra-zurich", "", "", "payments, ledger"),
            ("waldur-office", "", "", "payments-db-*"),
            ("waldur-cloud", "", "", "ledger-*"),
        ],
        left_out: &[],
    },
    Room {
        name: "Identity platform",
        rpo_hours: 26,
        rules: &[
            ("zrh-prod-1", "", "identity", ""),
            ("fra-prod-1", "", "identity", ""),
            ("astra-zurich", "", "", "identity"),
            ("waldur-office", "", "", "identity-*"),
        ],
        left_out: &[],
    },
    Room {
        name: "Branches",
        rpo_hours: 26,
        rules: &[
            (EDGE, "", "tills, till-logs, signage, web, orders", ""),
            ("cloudcasa-shop", "edge-lab", "stores", ""),
        ],
        left_out: &[],
    },
    Room {
        name: "Data platform",
        rpo_hours: 192,
        rules: &[
            ("zrh-prod-1", "", "analytics, scratch", ""),
            ("fra-prod-1", "", "analytics, scratch", ""),
            ("astra-zurich", "", "", "analytics"),
            ("waldur-cloud", "", "", "analytics-*"),
        ],
        left_out: &[("scratch", "experiments; whoever makes one keeps its notebook in Git")],
    },
    Room {
        name: "Staging",
        rpo_hours: 192,
        rules: &[(STAGING, "", "", ""), ("cloudcasa-shop", "staging", "", "")],
        left_out: &[
            ("kube-*", SYSTEM),
            ("default", SYSTEM),
            ("velero", SYSTEM),
            ("cloudcasa-io", SYSTEM),
            ("scratch", "experiments; whoever makes one keeps its notebook in Git"),
            ("ledger", "made anew from production's each month"),
            ("analytics", "made anew from production's each month"),
            ("payments*", "made anew from production's each month, without the customers"),
        ],
    },
];

fn policy(name: &str, rpo: u32, tiers: &[(&str, u32, u32)], more_days: u32) -> PolicyDraft {
    let tier = |&(cron, days, number): &(&str, u32, u32)| PolicyTierDraft {
        cron: cron.into(),
        keep_for: (days + more_days).to_string(),
        keep_last: number.to_string(),
        keep_snapshots: "2".into(),
        ..PolicyTierDraft::default()
    };
    PolicyDraft {
        name: name.into(),
        // What all five systems can be told.
        zone: "UTC".into(),
        rpo: rpo.to_string(),
        rpo_unit: Unit::Hours,
        tiers: tiers.iter().map(tier).collect(),
    }
}

impl Past<'_> {
    /// The library, as it was in the beginning.
    pub(super) async fn furnish_library(&mut self) -> Result<(), ApiError> {
        for (name, rpo, tiers) in POLICIES {
            let id = self.console.create_policy(self.caller, policy(name, rpo, tiers, 0)).await?;
            self.policies.insert(name, id);
        }
        Ok(())
    }

    /// Somebody keeps the silver ones a week longer; the definitions take it over.
    pub(super) async fn change_policy(&mut self) -> Result<(), ApiError> {
        let Some((name, rpo, tiers)) = POLICIES.into_iter().find(|(name, ..)| *name == CHANGED) else { return Ok(()) };
        let Some(id) = self.policies.get(name).cloned() else { return Ok(()) };
        let view = self.console.policy(self.caller, id.clone()).await?;
        self.console.change_policy(self.caller, id, view.row.version, policy(name, rpo, tiers, 7)).await?;
        self.settle().await
    }

    /// What the teams watch.
    pub(super) async fn furnish_workspaces(&mut self) -> Result<(), ApiError> {
        for room in &ROOMS {
            let rule = |&(connection, clusters, namespaces, subjects): &(&str, &str, &str, &str)| RuleDraft {
                connection: self.connections.get(connection).map(|id| id.0.clone()).unwrap_or_default(),
                clusters: clusters.into(),
                namespaces: namespaces.into(),
                subjects: subjects.into(),
            };
            let left_out =
                |&(pattern, reason): &(&str, &str)| LeftOutDraft { pattern: pattern.into(), reason: reason.into() };
            let draft = WorkspaceDraft {
                name: room.name.into(),
                rpo: room.rpo_hours.to_string(),
                rpo_unit: Unit::Hours,
                rules: room.rules.iter().map(rule).collect(),
                left_out: room.left_out.iter().map(left_out).collect(),
            };
            // The others are no worse for it.
            if let Err(error) = self.console.create_workspace(self.caller, draft).await {
                tracing::warn!(%error, fields = ?error.fields, name = room.name, "a workspace of the demonstration was not made");
            }
        }
        Ok(())
    }
}
