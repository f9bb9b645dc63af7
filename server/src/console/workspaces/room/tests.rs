use super::super::{
    places::spots,
    trying::{inventory, subject, upstream},
};
use super::*;

#[test]
fn what_nothing_protects_is_said_once_whatever_its_namespaces() {
    let apps = vec![subject("b1", &[], &["web"]), subject("a1", &[], &["shop", "db", "cache"])];
    let spots = spots(&[upstream("c1", Some(SubjectKind::App))], &[inventory("c1", &[], apps)], &[]);
    assert_eq!(spots.len(), 4);
    let workspace = Workspace {
        name: "Shop".into(),
        rpo: USUAL_RPO,
        rules: vec![Rule { connection: Some("c1".into()), ..Rule::default() }],
        left_out: Vec::new(),
    };
    let taken = |spot: &Spot| taken(&workspace.rules, spot);
    let room = furnish("w".into(), workspace.clone(), None, 1, &spots, &taken);
    let names = |all: Vec<Uncovered>| all.into_iter().map(|one| (one.name, one.silent)).collect::<Vec<_>>();
    let said = |name: &str, silent| (name.to_owned(), silent);
    assert_eq!(names(room.uncovered(&spots, &|_| false)), [said("a1-name", false), said("b1-name", false)]);
    assert_eq!(names(room.uncovered(&spots, &|_| true)), [said("a1-name", true), said("b1-name", true)]);
}
