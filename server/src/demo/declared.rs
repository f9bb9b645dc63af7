//! What the demonstration protects: forty-five definitions on five systems, made as the wizard makes them.

use super::past::{HOURS_A_DAY, Past};
use crate::console::Console;
use app::{
    backend::{Caller, Connections, Definitions},
    error::ApiError,
};
use model::{
    ConnectionId, DefinitionId, Named,
    capability::Capabilities,
    connection::Inventory,
    definition::Volumes,
    draft::{DefinitionDraft, ScopeDraft},
};

/// One definition, and since when it is there.
pub(super) struct Wish {
    on: &'static str,
    pub(super) name: &'static str,
    /// Hours before now.
    pub(super) since: u32,
    subject: &'static str,
    /// None: everything that belongs to the subject.
    namespaces: &'static [&'static str],
    /// Empty: one run, by hand.
    cron: &'static str,
    /// How long, in days; 0: by number alone.
    days: u32,
    /// How many; 0: by age alone.
    number: u32,
    /// Unset: the first way that the system offers.
    volumes: Option<Volumes>,
    location: &'static str,
    /// A policy of the upstream's own, which it follows instead.
    policy: &'static str,
    /// A policy of ours, which it follows instead.
    follows: &'static str,
}

/// The demonstration's past begins so long ago.
pub(super) const FIRST: u32 = 61 * HOURS_A_DAY;

const fn wish(on: &'static str, name: &'static str, cron: &'static str, days: u32) -> Wish {
    Wish {
        on,
        name,
        since: FIRST,
        subject: "",
        namespaces: &[],
        cron,
        days,
        number: 0,
        volumes: None,
        location: "",
        policy: "",
        follows: "",
    }
}

impl Wish {
    const fn of(mut self, namespaces: &'static [&'static str]) -> Self {
        self.namespaces = namespaces;
        self
    }

    const fn on(mut self, subject: &'static str) -> Self {
        self.subject = subject;
        self
    }

    const fn since(mut self, hours: u32) -> Self {
        self.since = hours;
        self
    }

    const fn keep(mut self, number: u32) -> Self {
        self.number = number;
        self
    }

    const fn to(mut self, location: &'static str) -> Self {
        self.location = location;
        self
    }

    const fn moved(mut self) -> Self {
        self.volumes = Some(Volumes::SnapshotMoved);
        self
    }

    const fn by(mut self, follows: &'static str) -> Self {
        self.follows = follows;
        self
    }

    const fn following(mut self, policy: &'static str) -> Self {
        self.policy = policy;
        self
    }
}

const ZRH: &str = "zrh-prod-1";
const FRA: &str = "fra-prod-1";
const GVA: &str = super::estate::EDGE;
const STAGING: &str = super::estate::STAGING;
const CASA: &str = "cloudcasa-shop";
const ASTRA: &str = "astra-zurich";
const PALETTE: &str = "palette-production";
const OFFICE: &str = "waldur-office";
const CLOUD: &str = "waldur-cloud";

/// Twenty days: a definition that is younger than the rest.
const YOUNG: u32 = 20 * HOURS_A_DAY;

pub(super) const WISHES: [Wish; 45] = [
    wish(ZRH, "shop-nightly", "30 2 * * *", 30).of(&["checkout", "checkout-db", "orders"]).by("Gold nightly"),
    wish(ZRH, "finance-hourly", "10 * * * *", 14).of(&["payments-db", "ledger"]).since(4 * HOURS_A_DAY),
    wish(ZRH, "payments-frequent", "*/5 * * * *", 2).of(&["payments"]).since(3),
    wish(ZRH, "identity-daily", "0 4 * * *", 14).of(&["identity"]).by("Silver nightly"),
    wish(ZRH, "storefront-weekly", "0 5 * * 0", 60).of(&["web"]),
    wish(ZRH, "orders-six-hourly", "15 */6 * * *", 14).of(&["orders"]).by("Six-hourly"),
    wish(ZRH, "ledger-month-end", "0 5 1 * *", 400).of(&["ledger"]),
    wish(ZRH, "before-migration", "", 90).of(&["analytics"]).since(YOUNG),
    wish(FRA, "shop-fra-nightly", "0 2 * * *", 30).of(&["checkout", "checkout-db"]).by("Gold nightly"),
    wish(FRA, "payments-fra-nightly", "30 1 * * *", 14).of(&["payments", "payments-db"]).moved(),
    wish(FRA, "ledger-fra-nightly", "0 3 * * *", 14).of(&["ledger"]).by("Silver nightly"),
    wish(FRA, "identity-fra-daily", "45 22 * * *", 30).of(&["identity"]),
    wish(FRA, "storefront-fra-daily", "15 4 * * *", 14).of(&["web"]).by("Silver nightly"),
    wish(FRA, "analytics-fra-weekly", "0 5 * * 0", 60).of(&["analytics"]).by("Weekly archive"),
    wish(GVA, "tills-nightly", "0 1 * * *", 14).of(&["tills"]),
    wish(GVA, "till-logs-daily", "30 1 * * *", 1).of(&["till-logs"]).since(3 * HOURS_A_DAY),
    wish(GVA, "signage-weekly", "0 4 * * 1", 60).of(&["signage"]),
    wish(GVA, "stores-gva-six-hourly", "45 */6 * * *", 14).of(&["web", "orders"]).by("Six-hourly"),
    wish(STAGING, "staging-shop-nightly", "0 0 * * *", 14)
        .of(&["checkout", "checkout-db", "web", "orders"])
        .by("Gold nightly"),
    wish(STAGING, "staging-identity-weekly", "0 6 * * 6", 30).of(&["identity"]),
    wish(STAGING, "staging-feature-daily", "20 5 * * *", 14).of(&["feature-142"]).since(YOUNG),
    wish(CASA, "casa-shop-six-hourly", "", 0)
        .on("prod-fra")
        .of(&["checkout", "checkout-db"])
        .following("six-hourly")
        .since(YOUNG),
    wish(CASA, "casa-payments-gold", "", 0)
        .on("prod-fra")
        .of(&["payments", "payments-db"])
        .following("gold-daily")
        .moved()
        .to("archive-zrh"),
    wish(CASA, "casa-identity-nightly", "0 1 * * *", 30)
        .on("prod-fra")
        .of(&["identity"])
        .moved()
        .to("minio-fra")
        .by("Silver nightly"),
    wish(CASA, "casa-ledger-daily", "", 0).on("prod-zrh").of(&["ledger"]).following("silver-daily"),
    wish(CASA, "casa-storefront", "0 1 * * *", 30).on("prod-fra").of(&["web"]).by("Gold with a yearly shelf"),
    wish(CASA, "casa-stores-edge", "", 0).on("edge-lab").of(&["stores"]).following("six-hourly").since(YOUNG),
    wish(CASA, "casa-staging-weekly", "0 5 * * 0", 28).on("staging").of(&["checkout", "web"]).by("Weekly archive"),
    wish(ASTRA, "astra-checkout", "15 */6 * * *", 0).on("checkout").keep(56).moved().by("Six-hourly"),
    wish(ASTRA, "astra-payments", "30 1 * * *", 0).on("payments").keep(30).moved().by("Gold nightly"),
    wish(ASTRA, "astra-identity", "45 22 * * *", 0).on("identity").keep(30).moved(),
    wish(ASTRA, "astra-ledger-weekly", "0 5 * * 0", 0).on("ledger").keep(12).moved().by("Weekly archive"),
    wish(ASTRA, "astra-orders", "0 4 * * *", 0).on("orders").keep(30).moved().by("Silver nightly"),
    wish(ASTRA, "astra-analytics", "0 3 * * *", 0).on("analytics").keep(14).moved(),
    wish(PALETTE, "palette-shop", "0 2 * * *", 30).on("shop").to("eu-s3"),
    wish(PALETTE, "palette-finance", "0 1 * * *", 14).on("finance").to("onprem-minio"),
    wish(PALETTE, "palette-identity", "45 22 * * 1-5", 30).on("identity").to("eu-s3"),
    wish(PALETTE, "palette-stores", "15 3 * * *", 14).on("stores").to("archive-azure"),
    wish(OFFICE, "office-checkout-db", "0 2 * * *", 30).on("checkout-db-1").keep(40).by("Gold nightly"),
    wish(OFFICE, "office-payments-db", "30 1 * * *", 30).on("payments-db-1").keep(40),
    wish(OFFICE, "office-identity", "45 22 * * 1-5", 30).on("identity-keycloak-1").keep(30),
    wish(CLOUD, "cloud-orders-db", "15 */6 * * *", 14).on("orders-db-1").keep(60).by("Six-hourly"),
    wish(CLOUD, "cloud-ledger-db", "0 5 * * 0", 90).on("ledger-db-1").keep(12).by("Weekly archive"),
    wish(CLOUD, "cloud-storefront", "0 4 * * 6", 60).on("storefront-1").keep(8),
    wish(CLOUD, "cloud-analytics", "30 3 * * 1,4", 30).on("analytics-clickhouse-1").keep(9),
];

/// What a connection offers.
#[derive(Debug)]
pub(super) struct Offered {
    connection: ConnectionId,
    can: Capabilities,
    inventory: Inventory,
}

/// Asks a connection what it offers.
pub(super) async fn offered(
    console: &Console,
    caller: &Caller,
    connection: &ConnectionId,
) -> Result<Offered, ApiError> {
    let detail = console.connection(caller, connection.clone()).await?;
    let inventory = console.inventory(caller, connection.clone()).await?;
    Ok(Offered { connection: connection.clone(), can: detail.capabilities, inventory })
}

impl Past<'_> {
    /// Saves the definitions that are there since that many hours before now.
    pub(super) async fn declare(&mut self, since: u32) -> Result<(), ApiError> {
        for wish in WISHES.iter().filter(|wish| wish.since == since) {
            let Some(offered) = self.offered.get(wish.on) else { continue };
            let follows = self.policies.get(wish.follows).map(|id| id.0.clone()).unwrap_or_default();
            let draft = DefinitionDraft { follows, ..draft(wish, offered) };
            match self.console.create_definition(self.caller, draft).await {
                Ok(id) => {
                    self.definitions.insert(wish.name, id);
                }
                // The others are no worse for it.
                Err(error) => {
                    tracing::warn!(%error, fields = ?error.fields, name = wish.name, "a definition of the demonstration was not made");
                }
            }
        }
        self.settle().await
    }

    /// The definition of that name.
    pub(super) fn definition(&self, name: &str) -> Result<&DefinitionId, ApiError> {
        self.definitions.get(name).ok_or_else(|| super::estate::broken(format!("there is no definition {name}")))
    }
}

fn draft(wish: &Wish, offered: &Offered) -> DefinitionDraft {
    let (can, inventory) = (&offered.can, &offered.inventory);
    let subject = inventory.subjects.iter().find(|subject| subject.name == wish.subject);
    let own = wish.policy.is_empty() && !wish.cron.is_empty();
    let number = |wanted: bool, number: u32| if wanted && number > 0 { number.to_string() } else { String::new() };
    let policy = inventory.policies.iter().find(|policy| policy.name == wish.policy);
    DefinitionDraft {
        name: wish.name.into(),
        connection: offered.connection.0.clone(),
        scope: ScopeDraft {
            subject: subject.map(|subject| Named::new(subject.id.clone(), subject.name.clone())),
            everything: wish.namespaces.is_empty(),
            namespaces: wish.namespaces.iter().map(|&name| name.to_owned()).collect(),
            ..ScopeDraft::default()
        },
        location: wish.location.into(),
        volumes: wish.volumes.unwrap_or(can.first_volumes()),
        keep_for: number(wish.policy.is_empty() && can.keep_for.is_yes(), wish.days),
        keep_last: number(own && can.keep_last.is_yes(), wish.number),
        keep_snapshots: if own && can.keep_snapshots.is_yes() { "2".into() } else { String::new() },
        policy: policy.map(|policy| Named::new(policy.id.clone(), policy.name.clone())),
        scheduled: own || policy.is_some(),
        cron: wish.cron.into(),
        zone: if can.instances.is_yes() { "UTC".into() } else { String::new() },
        ..DefinitionDraft::default()
    }
}
