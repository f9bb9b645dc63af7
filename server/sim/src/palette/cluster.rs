//! Clusters as the dashboard lists them and as they are read one by one.

use serde_json::{Value, json};

use super::Palette;
use super::paging::page;
use super::policy;
use super::reader::Reader;
use super::refusal::{Outcome, Refusal};
use super::routes::Call;
use super::state::{Cluster, Owner};
use crate::json::text;
use crate::rest::Answer;

impl Palette {
    fn clusters_in(&self, scope: Option<&str>) -> Vec<&Cluster> {
        let mut clusters: Vec<&Cluster> =
            self.tenant.clusters.values().filter(|cluster| Some(cluster.project.as_str()) == scope).collect();
        clusters.sort_by(|a, b| a.name.cmp(&b.name));
        clusters
    }

    fn cluster_metadata(&self, cluster: &Cluster) -> Value {
        self.metadata(&cluster.uid, &cluster.name, cluster.created, cluster.created)
    }

    fn health(cluster: &Cluster) -> Value {
        let state = if cluster.healthy { "Healthy" } else { "UnHealthy" };
        json!({"state": state, "isHeartBeatFailed": !cluster.healthy})
    }

    /// An item of the dashboard's lists.
    fn summary(&self, cluster: &Cluster) -> Value {
        let project = self.tenant.projects.iter().find(|project| project.uid == cluster.project);
        let name = project.map(|project| project.name.as_str()).unwrap_or_default();
        json!({
            "metadata": self.cluster_metadata(cluster),
            "specSummary": {"cloudConfig": {"cloudType": cluster.cloud}, "projectMeta": {"name": name, "uid": cluster.project}},
            "status": {"state": cluster.state, "health": Self::health(cluster)},
        })
    }
}

pub(super) fn get(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let Owner::Cluster(uid) = policy::cluster(palette, call)? else { return Err(Refusal::missing()) };
    let cluster = palette.tenant.clusters.get(&uid).ok_or_else(Refusal::missing)?;
    let body = json!({
        "apiVersion": "cluster.spectrocloud.com/v1alpha1",
        "kind": "SpectroCluster",
        "metadata": palette.cluster_metadata(cluster),
        "spec": {"cloudType": cluster.cloud},
        "status": {"state": cluster.state, "conditions": []},
    });
    Ok(palette.tell(200, body))
}

/// Those that a workspace may take in.
pub(super) fn eligible(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let clusters = palette.clusters_in(call.scope.as_deref());
    let fit = clusters.into_iter().filter(|cluster| cluster.state == "Running" && !cluster.own_rbac);
    let items: Vec<Value> = fit.map(|cluster| palette.summary(cluster)).collect();
    Ok(palette.tell(200, page(call.request, &items)?))
}

pub(super) fn metadata(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let clusters = palette.clusters_in(call.scope.as_deref());
    let items: Vec<Value> = clusters.into_iter().map(|cluster| palette.cluster_metadata(cluster)).collect();
    Ok(palette.tell(200, json!({"items": items})))
}

/// A filter of the search on one property of the cluster.
struct Filter {
    property: String,
    operator: String,
    negated: bool,
    values: Vec<String>,
}

impl Filter {
    fn read(reader: &Reader<'_>) -> Outcome<Self> {
        let property = reader.choice("property", &["clusterName", "clusterState", "healthState"])?;
        let property = property.ok_or_else(|| Refusal::invalid("property in body is required"))?;
        let condition = reader.object("condition")?.object("string")?;
        let operator = condition.choice("operator", &["eq", "contains", "beginsWith"])?;
        Ok(Self {
            property,
            operator: operator.unwrap_or_else(|| "eq".to_owned()),
            negated: condition.flag("negation")?.unwrap_or(false),
            values: condition.object("match")?.texts("values")?,
        })
    }

    fn takes(&self, item: &Value) -> bool {
        let value = match self.property.as_str() {
            "clusterState" => text(item, "/status/state"),
            "healthState" => text(item, "/status/health/state"),
            _ => text(item, "/metadata/name"),
        };
        let hit = self.values.iter().any(|wanted| match self.operator.as_str() {
            "contains" => value.contains(wanted),
            "beginsWith" => value.starts_with(wanted),
            _ => value == wanted,
        });
        hit != self.negated
    }
}

pub(super) fn search(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let body = if call.request.body.is_empty() { Value::Null } else { call.body()? };
    let reader = Reader::body(&body)?;
    let mut items: Vec<Value> =
        palette.clusters_in(call.scope.as_deref()).into_iter().map(|cluster| palette.summary(cluster)).collect();
    for group in reader.object("filter")?.objects("filterGroups")? {
        let any = group.choice("conjunction", &["and", "or"])?.as_deref() == Some("or");
        let filters = group.objects("filters")?.iter().map(Filter::read).collect::<Outcome<Vec<_>>>()?;
        items.retain(|item| match any {
            _ if filters.is_empty() => true,
            true => filters.iter().any(|filter| filter.takes(item)),
            false => filters.iter().all(|filter| filter.takes(item)),
        });
    }
    for sort in reader.objects("sort")?.iter().rev() {
        let field =
            sort.choice("field", &["clusterName", "healthState", "creationTimestamp", "lastModifiedTimestamp"])?;
        let place = match field.as_deref() {
            Some("healthState") => "/status/health/state",
            Some("creationTimestamp") => "/metadata/creationTimestamp",
            Some("lastModifiedTimestamp") => "/metadata/lastModifiedTimestamp",
            _ => "/metadata/name",
        };
        items.sort_by(|a, b| text(a, place).cmp(text(b, place)));
        if sort.choice("order", &["asc", "desc"])?.as_deref() == Some("desc") {
            items.reverse();
        }
    }
    Ok(palette.tell(200, page(call.request, &items)?))
}
