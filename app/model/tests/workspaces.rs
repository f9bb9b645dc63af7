//! Rules of a workspace, and what they take in.
#![expect(clippy::unwrap_used, reason = "tests")]

use model::{
    ConnectionId, Invalid, Named,
    duration::{Seconds, Unit},
    scope::Scope,
    workspace::{LeftOutDraft, Place, Rule, RuleDraft, Workspace, WorkspaceDraft, parse},
};

fn here() -> Vec<ConnectionId> {
    vec!["zrh".into(), "nyc".into()]
}

fn draft() -> WorkspaceDraft {
    WorkspaceDraft {
        name: " storefront ".into(),
        rpo: "24".into(),
        rpo_unit: Unit::Hours,
        rules: vec![
            RuleDraft { connection: "zrh".into(), namespaces: "shop, shop-*  shop".into(), ..Default::default() },
            RuleDraft { clusters: "edge-?".into(), ..Default::default() },
        ],
        left_out: vec![
            LeftOutDraft { pattern: "shop-preview-*".into(), reason: "rebuilt from Git".into() },
            LeftOutDraft::default(),
        ],
    }
}

fn refused(change: impl FnOnce(&mut WorkspaceDraft)) -> Invalid {
    let mut draft = draft();
    change(&mut draft);
    parse(&draft, &here(), "ada").expect_err("refused")
}

#[test]
fn a_good_draft_parses_and_comes_back() {
    let workspace = parse(&draft(), &here(), "ada").unwrap();
    assert_eq!((workspace.name.as_str(), workspace.rpo), ("storefront", Seconds(86_400)));
    assert_eq!(workspace.rules[0].namespaces, ["shop", "shop-*"], "no repeats");
    assert_eq!(workspace.left_out.len(), 1, "an empty row is none");
    assert_eq!(workspace.left_out[0].by, "ada");
    assert_eq!(parse(&WorkspaceDraft::from(&workspace), &here(), "ada"), Ok(workspace));
}

#[test]
fn each_problem_is_told_by_its_field() {
    let long = "x".repeat(254);
    for (path, code, invalid) in [
        ("name", "required", refused(|d| d.name = "  ".into())),
        ("name", "too-long", refused(|d| d.name = "é".repeat(61))),
        ("name", "charset", refused(|d| d.name = "a\u{7}b".into())),
        ("rpo", "required", refused(|d| d.rpo = String::new())),
        ("rpo", "number", refused(|d| d.rpo = "0".into())),
        ("rpo", "number", refused(|d| d.rpo = "-1".into())),
        ("rpo", "number", refused(|d| d.rpo = "1.5".into())),
        ("rpo", "number", refused(|d| d.rpo = "99999999999999999999".into())),
        ("rpo", "too-long", refused(|d| d.rpo = "18446744073709551615".into())),
        ("rpo", "too-long", refused(|d| (d.rpo, d.rpo_unit) = ("600".into(), Unit::Weeks))),
        ("rules", "required", refused(|d| d.rules.clear())),
        ("rules", "too-many", refused(|d| d.rules = vec![d.rules[0].clone(); 51])),
        ("rules.0.connection", "unknown", refused(|d| d.rules[0].connection = "gone".into())),
        ("rules.1.connection", "required", refused(|d| d.rules[1] = RuleDraft::default())),
        ("rules.0.namespaces", "too-long", refused(|d| d.rules[0].namespaces = long.clone())),
        ("rules.1.clusters", "charset", refused(|d| d.rules[1].clusters = "a\u{0}".into())),
        ("left_out.0.pattern", "required", refused(|d| d.left_out[0].pattern = String::new())),
        ("left_out.0.pattern", "several", refused(|d| d.left_out[0].pattern = "a, b".into())),
        ("left_out.1.reason", "required", refused(|d| d.left_out[1].pattern = "x".into())),
        ("left_out.0.reason", "too-long", refused(|d| d.left_out[0].reason = "y".repeat(201))),
    ] {
        assert_eq!(invalid.0.len(), 1, "{path} {code}: {invalid:?}");
        assert_eq!((invalid.0[0].path.as_str(), invalid.0[0].code.as_str()), (path, code), "{invalid:?}");
        assert!(invalid.0[0].sentence.ends_with('.') || invalid.0[0].sentence.ends_with('?'), "{invalid:?}");
    }
    let many = (0..101).map(|n| format!("n{n} ")).collect::<String>();
    assert_eq!(refused(|d| d.rules[1].subjects = many).0[0].code, "too-many");
}

#[test]
fn everything_can_be_meant_on_purpose() {
    let all = WorkspaceDraft { rules: vec![RuleDraft { clusters: "*".into(), ..Default::default() }], ..draft() };
    let all = parse(&all, &[], "ada").unwrap();
    let connection = ConnectionId::from("nyc");
    assert!(all.takes(&app(&connection, "erp")));
    assert!(all.takes(&namespace(&connection, Some("bern"), "shop")));
}

fn namespace<'a>(connection: &'a ConnectionId, cluster: Option<&'a str>, namespace: &'a str) -> Place<'a> {
    Place { connection, connection_name: "velero-zrh", cluster, namespace: Some(namespace), subject: None }
}

fn app<'a>(connection: &'a ConnectionId, subject: &'a str) -> Place<'a> {
    Place { connection, connection_name: "astra", cluster: None, namespace: None, subject: Some(subject) }
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn every_part_of_a_rule_narrows() {
    let (zrh, nyc) = (ConnectionId::from("zrh"), ConnectionId::from("nyc"));
    let rule = |connection: Option<&str>, clusters: &[&str], namespaces: &[&str], subjects: &[&str]| Rule {
        connection: connection.map(ConnectionId::from),
        clusters: words(clusters),
        namespaces: words(namespaces),
        subjects: words(subjects),
    };
    let shop = namespace(&zrh, Some("edge-bern"), "shop");
    for (name, rule, place, taken) in [
        ("an empty rule takes all", rule(None, &[], &[], &[]), shop, true),
        ("its connection", rule(Some("zrh"), &[], &[], &[]), shop, true),
        ("another connection", rule(Some("nyc"), &[], &[], &[]), shop, false),
        ("its cluster", rule(None, &["edge-*"], &[], &[]), shop, true),
        ("another cluster", rule(None, &["core-*"], &[], &[]), shop, false),
        ("one of two clusters", rule(None, &["core-*", "edge-????"], &[], &[]), shop, true),
        (
            "no cluster of its own: the connection's name",
            rule(None, &["velero-zrh"], &[], &[]),
            namespace(&zrh, None, "shop"),
            true,
        ),
        ("with a cluster the connection's name is none", rule(None, &["velero-zrh"], &[], &[]), shop, false),
        ("its namespace", rule(None, &[], &["shop"], &[]), shop, true),
        ("case counts", rule(None, &[], &["Shop"], &[]), shop, false),
        ("all parts must fit", rule(Some("zrh"), &["edge-*"], &["ledger"], &[]), shop, false),
        ("a rule over namespaces takes no app", rule(None, &[], &["*"], &[]), app(&nyc, "erp"), false),
        ("a rule over subjects takes no bare namespace", rule(None, &[], &[], &["*"]), shop, false),
        ("an app by its name", rule(None, &[], &[], &["e?p"]), app(&nyc, "erp"), true),
    ] {
        assert_eq!(rule.takes(&place), taken, "{name}");
    }
}

#[test]
fn what_is_left_out_says_why() {
    let workspace = parse(&draft(), &here(), "ada").unwrap();
    let zrh = ConnectionId::from("zrh");
    let preview = namespace(&zrh, None, "shop-preview-7");
    assert!(workspace.takes(&preview), "it belongs there all the same");
    assert_eq!(workspace.left_out(&preview).map(|one| one.reason.as_str()), Some("rebuilt from Git"));
    assert_eq!(workspace.left_out(&namespace(&zrh, None, "shop")), None);
}

#[test]
fn an_author_stays_with_what_is_left_out() {
    let before = parse(&draft(), &here(), "ada").unwrap();
    let mut changed = draft();
    changed.left_out[1] = LeftOutDraft { pattern: "tmp-*".into(), reason: "scratch".into() };
    let mut after = parse(&changed, &here(), "ben").unwrap();
    after.keep_authors(&before);
    assert_eq!(after.left_out.iter().map(|one| one.by.as_str()).collect::<Vec<_>>(), ["ada", "ben"]);
}

#[test]
fn a_pattern_that_fits_nothing_is_named() {
    let (zrh, nyc) = (ConnectionId::from("zrh"), ConnectionId::from("nyc"));
    let places = [namespace(&zrh, None, "shop"), namespace(&zrh, None, "ledger"), app(&nyc, "erp")];
    let idle = |rule: RuleDraft| {
        let draft = WorkspaceDraft { rules: vec![rule], ..draft() };
        parse(&draft, &["zrh".into(), "nyc".into(), "new".into()], "ada").unwrap().idle(&places)
    };
    let rule = |connection: &str, namespaces: &str, subjects: &str| RuleDraft {
        connection: connection.into(),
        namespaces: namespaces.into(),
        subjects: subjects.into(),
        ..Default::default()
    };
    assert_eq!(idle(rule("zrh", "shop", "")), Invalid::default());
    let typo = idle(rule("zrh", "shop, chekout-*", ""));
    assert_eq!(typo.0.len(), 1);
    assert!(typo.about("rules.0.namespaces").is_some_and(|said| said.contains("“chekout-*”")));
    assert_eq!(idle(rule("zrh", "chekout-*", "")).0.len(), 1, "that it takes nothing in is not said again");
    assert!(idle(rule("nyc", "shop", "")).about("rules.0.namespaces").is_some(), "it is there, on another connection");
    assert!(idle(rule("", "shop", "erp")).about("rules.0.subjects").is_some_and(|said| said.contains("together")));
    assert_eq!(idle(rule("new", "shop", "")), Invalid::default(), "not read yet");
}

#[test]
fn a_scope_reaches_what_it_takes_in() {
    let zrh = ConnectionId::from("zrh");
    let shop = namespace(&zrh, Some("bern"), "shop");
    let scope = |namespaces: &[&str], except: &[&str]| Scope {
        namespaces: words(namespaces),
        except_namespaces: words(except),
        ..Scope::default()
    };
    let subject = |name: &str| Scope { subject: Some(Named::new("id", name)), ..Scope::default() };
    let clusters = |names: &[&str]| Scope {
        clusters: names.iter().map(|name| Named::new(*name, *name)).collect(),
        ..Scope::default()
    };
    for (name, scope, place, reached) in [
        ("everything", Scope::default(), shop, true),
        ("by name", scope(&["shop"], &[]), shop, true),
        ("by pattern", scope(&["sh*"], &[]), shop, true),
        ("another", scope(&["ledger"], &[]), shop, false),
        ("left out", scope(&[], &["shop"]), shop, false),
        ("its cluster is the subject", subject("bern"), shop, true),
        ("another subject", subject("basel"), shop, false),
        ("one of its clusters", clusters(&["basel", "bern"]), shop, true),
        ("other clusters", clusters(&["basel"]), shop, false),
        ("an app", subject("erp"), app(&zrh, "erp"), true),
        ("another app", subject("crm"), app(&zrh, "erp"), false),
    ] {
        assert_eq!(scope.reaches(&place), reached, "{name}");
    }
}

#[test]
fn nothing_belongs_to_a_rule_of_a_connection_that_is_gone() {
    let workspace = Workspace {
        name: "old".into(),
        rpo: Seconds(3600),
        rules: vec![Rule { connection: Some("gone".into()), ..Rule::default() }],
        left_out: vec![],
    };
    assert!(!workspace.takes(&namespace(&"zrh".into(), None, "shop")));
    let invalid = parse(&WorkspaceDraft::from(&workspace), &here(), "ada").expect_err("refused");
    assert_eq!(invalid.0[0].path, "rules.0.connection", "and its form says so");
}
