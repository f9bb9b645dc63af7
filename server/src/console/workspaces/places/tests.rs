use super::super::trying::{NOW, definition, inventory, subject, upstream};
use super::*;
use model::scope::Scope;

fn scope(namespaces: &[&str]) -> Scope {
    Scope { namespaces: namespaces.iter().map(|name| (*name).to_owned()).collect(), ..Scope::default() }
}

fn belonging(id: &str, scope: Scope) -> Scope {
    Scope { subject: Some(Named::new(id, format!("{id}-name"))), ..scope }
}

/// `cluster/subject/namespace` of each place, with `*` where a definition takes it in.
fn told(sort: Option<SubjectKind>, inventories: &[StoredInventory], scopes: Vec<Scope>) -> Vec<String> {
    let definitions: Vec<Definition> = scopes.into_iter().map(|scope| definition("c1", scope)).collect();
    let definitions: Vec<(usize, &Definition)> = definitions.iter().enumerate().collect();
    let part = |named: Option<&str>| named.unwrap_or("-").trim_end_matches("-name").to_owned();
    spots(&[upstream("c1", sort)], inventories, &definitions)
        .iter()
        .map(|spot| {
            let place = spot.place();
            let covered = if spot.covered.is_empty() { "" } else { " *" };
            format!("{}/{}/{}{covered}", part(place.cluster), part(place.subject), part(place.namespace))
        })
        .collect()
}

#[test]
fn namespaces_are_taken_by_name_by_pattern_and_by_all() {
    let lists = [inventory("c1", &["shop", "shop-db", "tools", "!kept"], vec![])];
    assert_eq!(told(None, &lists, vec![scope(&["shop*"])]), ["-/-/shop *", "-/-/shop-db *", "-/-/tools", "-/-/kept"]);
    let except = Scope { except_namespaces: vec!["tools".into()], ..Scope::default() };
    assert_eq!(told(None, &lists, vec![except]), ["-/-/shop *", "-/-/shop-db *", "-/-/tools", "-/-/kept"]);
    assert_eq!(told(None, &lists, vec![]), ["-/-/shop", "-/-/shop-db", "-/-/tools", "-/-/kept"]);
}

#[test]
fn what_only_a_definition_names_is_a_place_too() {
    let lists = [inventory("c1", &["shop"], vec![])];
    assert_eq!(told(None, &lists, vec![scope(&["shop", "gone", "new-*"])]), ["-/-/shop *", "-/-/gone *"]);
    assert_eq!(told(None, &[], vec![scope(&["shop"])]), ["-/-/shop *"], "nothing was read yet");
    assert_eq!(told(None, &[], vec![Scope::default()]), ["-/-/- *"], "all there is, and nobody knows what");
    let workspace = belonging("w", Scope::default());
    assert_eq!(told(Some(SubjectKind::Workspace), &[], vec![workspace]), ["-/w/- *"]);
    let cluster = belonging("k1", scope(&["shop"]));
    assert_eq!(told(Some(SubjectKind::Cluster), &[], vec![cluster]), ["k1/-/shop *"]);
}

#[test]
fn a_cluster_is_no_subject_for_rules() {
    let lists = [inventory("c1", &[], vec![subject("k1", &[], &["shop"]), subject("k2", &[], &["shop"])])];
    let own = belonging("k2", scope(&["shop"]));
    assert_eq!(told(Some(SubjectKind::Cluster), &lists, vec![own]), ["k1/-/shop", "k2/-/shop *"]);
}

#[test]
fn a_workspace_is_its_namespaces_on_its_clusters() {
    let lists = [inventory("c1", &[], vec![subject("w", &["k1", "k2"], &["shop", "!/^db-.*$/"])])];
    let kind = Some(SubjectKind::Workspace);
    let one = Scope { clusters: vec![Named::new("k1", "k1-name")], ..belonging("w", scope(&["shop"])) };
    assert_eq!(
        told(kind, &lists, vec![one]),
        ["k1/w/shop *", "k1/w//^db-.*$/", "k2/w/shop", "k2/w//^db-.*$/"],
        "a pattern of the workspace is taken only with all namespaces"
    );
    let all = belonging("w", Scope::default());
    assert_eq!(told(kind, &lists, vec![all]).iter().filter(|told| told.ends_with('*')).count(), 4);
}

#[test]
fn apps_and_instances_are_whole() {
    let lists = [inventory("c1", &[], vec![subject("erp", &["k1"], &["erp", "erp-db"]), subject("crm", &["k1"], &[])])];
    let told_apps = told(Some(SubjectKind::App), &lists, vec![belonging("erp", Scope::default())]);
    assert_eq!(told_apps, ["k1/erp/erp *", "k1/erp/erp-db *", "k1/crm/-"]);
    let lists = [inventory("c1", &[], vec![subject("vm1", &[], &[])])];
    assert_eq!(told(Some(SubjectKind::Instance), &lists, vec![]), ["-/vm1/-"]);
}

#[test]
fn what_a_system_keeps_for_itself_is_known() {
    let lists = [inventory("c1", &["kube-system", "velero", "shop"], vec![])];
    let own: Vec<bool> = spots(&[upstream("c1", None)], &lists, &[]).iter().map(|spot| spot.own).collect();
    assert_eq!(own, [true, true, false]);
}

#[test]
fn a_place_that_came_up_later_says_since_when() {
    let mut lists = inventory("c1", &["old", "new"], vec![]);
    lists.first_seen.insert(namespace_key(None, "new"), NOW);
    let since: Vec<_> = spots(&[upstream("c1", None)], &[lists], &[]).iter().map(|spot| spot.since).collect();
    assert_eq!(since, [None, Some(NOW)]);
}
