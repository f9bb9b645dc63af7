//! Accounts, sessions, throttles, settings, audit.

use crate::bed::{Bed, DAY, START, audit};
use model::{Millis, SessionId, UserId, account::Role};
use server::store::{AuditRow, NewSession, NewUser, REFUSED, Store, StoreErrorKind, new_id};

fn user(bed: &Bed, name: &str, role: Role) -> NewUser {
    NewUser {
        id: UserId(new_id(&bed.clock)),
        name: name.into(),
        role,
        password_hash: "$argon2id$x".into(),
        must_change: false,
    }
}

pub async fn names_are_unique(bed: &Bed) {
    let one = user(bed, "ada", Role::Viewer);
    bed.store.create_user(&one, &audit()).await.unwrap();
    let taken = bed.store.create_user(&user(bed, "ada", Role::Viewer), &audit()).await.unwrap_err();
    assert_eq!(taken.kind, StoreErrorKind::Taken { what: "name" });
    assert_eq!(bed.store.users().await.unwrap().len(), 1);
    assert_eq!(bed.store.user_by_name("ada").await.unwrap().unwrap().user.id, one.id);
    assert!(bed.store.user_by_name("a\0da").await.unwrap().is_none());
    let connection = bed.connection("zrh").await;
    let again = crate::bed::new_connection(&"x".into(), "zrh");
    let taken = bed.store.create_connection(&again, &audit()).await.unwrap_err();
    assert_eq!(taken.kind, StoreErrorKind::Taken { what: "name" });
    bed.definition(&connection, "shop").await;
    let other = bed.definition(&connection, "other").await;
    let named = crate::bed::definition(&connection, "shop");
    let taken =
        bed.store.change_definition(&other, 1, &named, None, &crate::bed::line("saved"), &audit()).await.unwrap_err();
    assert_eq!(taken.kind, StoreErrorKind::Taken { what: "name" });
    assert_eq!(bed.store.definition(&other).await.unwrap().version, 1);
    assert_eq!(bed.store.user(&"nobody".into()).await.unwrap_err().kind, StoreErrorKind::NotFound);
}

pub async fn one_first_user(bed: &Bed) {
    assert!(!bed.store.has_users().await.unwrap());
    let (a, b) = (bed.store.clone(), bed.other().await);
    let (one, two) = (user(bed, "one", Role::Administrator), user(bed, "two", Role::Administrator));
    let audit = audit();
    let (first, second) = tokio::join!(a.create_first_user(&one, &audit), b.create_first_user(&two, &audit));
    let refused = match (first, second) {
        (Ok(()), Err(error)) | (Err(error), Ok(())) => error,
        other => panic!("one of two: {other:?}"),
    };
    assert_eq!(refused.kind, StoreErrorKind::Taken { what: "setup" });
    assert_eq!(bed.store.users().await.unwrap().len(), 1);
}

pub async fn one_administrator_stays(bed: &Bed) {
    let (one, two) = (user(bed, "one", Role::Administrator), user(bed, "two", Role::Administrator));
    for new in [&one, &two] {
        bed.store.create_user(new, &audit()).await.unwrap();
    }
    let (a, b, audit) = (bed.store.clone(), bed.other().await, audit());
    // Each looks at the other: without a common lock both would be let go.
    let (first, second) =
        tokio::join!(a.set_role(&one.id, Role::Viewer, &audit), b.set_disabled(&two.id, true, &audit));
    assert_ne!(first.unwrap(), second.unwrap(), "exactly one is let go");
    let left = bed.store.users().await.unwrap();
    assert_eq!(left.iter().filter(|u| u.role == Role::Administrator && !u.disabled).count(), 1);
    let gone = bed.store.set_role(&"nobody".into(), Role::Administrator, &audit).await.unwrap_err();
    assert_eq!(gone.kind, StoreErrorKind::NotFound);
}

async fn begin(store: &Store, bed: &Bed, user: &UserId, token: &str) -> SessionId {
    let new = NewSession {
        id: SessionId(new_id(&bed.clock)),
        user: user.clone(),
        token_hash: token.into(),
        expires_at: bed.now().plus(1_000),
        browser: "Firefox".into(),
        address: "192.0.2.1".into(),
    };
    store.begin_session(&new, &audit()).await.unwrap();
    new.id
}

pub async fn sessions_end(bed: &Bed) {
    let (store, new) = (&bed.store, user(bed, "ada", Role::Operator));
    store.create_user(&new, &audit()).await.unwrap();
    let first = begin(store, bed, &new.id, "t1").await;
    begin(store, bed, &new.id, "t2").await;
    let (session, found) = store.session("t1", bed.now()).await.unwrap().unwrap();
    assert_eq!((session.id.clone(), found.user.name.as_str(), found.user.role), (first.clone(), "ada", Role::Operator));
    assert_eq!(found.user.last_sign_in, Some(bed.now()));
    assert!(store.session("t3", bed.now()).await.unwrap().is_none());
    // A new password ends the others.
    store.set_password(&new.id, "$argon2id$y", false, Some(&first), &audit()).await.unwrap();
    assert!(store.session("t2", bed.now()).await.unwrap().is_none());
    assert!(store.session("t1", bed.now()).await.unwrap().is_some());
    // Use prolongs; time ends.
    store.touch_session(&first, bed.now(), bed.now().plus(5_000)).await.unwrap();
    bed.clock.advance(2_000);
    assert_eq!(store.sessions(&new.id, bed.now()).await.unwrap().len(), 1);
    bed.clock.advance(3_000);
    assert!(store.session("t1", bed.now()).await.unwrap().is_none(), "at its end");
    assert_eq!(store.drop_expired_sessions(bed.now()).await.unwrap(), 1);
    // Somebody else's can't be ended; disabling ends all.
    let third = begin(store, bed, &new.id, "t4").await;
    assert!(!store.end_session(&"somebody".into(), &third, &audit()).await.unwrap());
    let admin = user(bed, "admin", Role::Administrator);
    store.create_user(&admin, &audit()).await.unwrap();
    assert!(store.set_disabled(&new.id, true, &audit()).await.unwrap());
    assert!(store.session("t4", bed.now()).await.unwrap().is_none());
    assert!(store.sessions(&new.id, bed.now()).await.unwrap().is_empty());
    let orphan = NewSession {
        id: "s".into(),
        user: "nobody".into(),
        token_hash: "t".into(),
        expires_at: bed.now(),
        browser: String::new(),
        address: String::new(),
    };
    assert_eq!(store.begin_session(&orphan, &audit()).await.unwrap_err().kind, StoreErrorKind::NotFound);
}

pub async fn failures_are_counted(bed: &Bed) {
    let (store, other) = (bed.store.clone(), bed.other().await);
    let block = |failures: i64| if failures >= 5 { 30_000 } else { 0 };
    for _ in 0..2 {
        let now = bed.now();
        let (a, b) = tokio::join!(
            store.count_failure("name:ada", now, 60_000, block),
            other.count_failure("name:ada", now, 60_000, block)
        );
        assert_ne!(a.unwrap().failures, b.unwrap().failures, "both count");
    }
    assert_eq!(store.throttle("name:ada", bed.now()).await.unwrap().unwrap().blocked_till, Millis(0));
    let fifth = store.count_failure("name:ada", bed.now(), 60_000, block).await.unwrap();
    assert_eq!((fifth.failures, fifth.blocked_till), (5, bed.now().plus(30_000)));
    assert_eq!(store.throttle("name:ada", bed.now()).await.unwrap(), Some(fifth));
    assert_eq!(store.throttle("name:bob", bed.now()).await.unwrap(), None);
    bed.clock.advance(60_000);
    assert_eq!(store.throttle("name:ada", bed.now()).await.unwrap(), None, "the window is over");
    assert_eq!(store.count_failure("name:ada", bed.now(), 60_000, block).await.unwrap().failures, 1);
    store.clear_throttle("name:ada").await.unwrap();
    assert_eq!(store.throttle("name:ada", bed.now()).await.unwrap(), None);
    store.count_failure("name:bob", bed.now(), 60_000, block).await.unwrap();
    assert_eq!(store.drop_old_throttles(bed.now()).await.unwrap(), 0);
    assert_eq!(store.drop_old_throttles(bed.now().plus(60_000)).await.unwrap(), 1);
}

pub async fn settings_are_set_once(bed: &Bed) {
    let (a, b) = (bed.store.clone(), bed.other().await);
    let (one, two) = tokio::join!(a.setting_or("instance", "x"), b.setting_or("instance", "y"));
    assert_eq!(one.unwrap(), two.unwrap());
    assert_eq!(a.setting("nothing").await.unwrap(), None);
    a.set_setting("instance", "z", &audit()).await.unwrap();
    assert_eq!(b.setting("instance").await.unwrap().as_deref(), Some("z"));
}

pub async fn audit_is_read_backwards(bed: &Bed) {
    for n in 0..7 {
        bed.clock.advance(n % 2);
        bed.store.add_audit(&AuditRow { subject: n.to_string(), ..audit() }).await.unwrap();
    }
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = bed.store.audit(before.as_ref(), 3).await.unwrap();
        let Some(last) = page.last().cloned() else { break };
        seen.extend(page.into_iter().map(|entry| entry.row.subject));
        before = Some(last);
    }
    assert_eq!(seen.join(""), "6543210");
    assert!(bed.now().0 >= START);
}

/// Anybody can be refused, as often as he likes: of all rows these alone are not kept for ever.
pub async fn old_refusals_are_dropped(bed: &Bed) {
    let refused = |subject: &str| AuditRow { action: REFUSED.into(), subject: subject.into(), ..audit() };
    bed.store.add_audit(&refused("old")).await.unwrap();
    bed.store.add_audit(&AuditRow { subject: "kept".into(), ..audit() }).await.unwrap();
    bed.clock.advance(DAY);
    bed.store.add_audit(&refused("late")).await.unwrap();
    bed.clock.advance(29 * DAY);
    assert_eq!(bed.store.drop_old_refusals(bed.now()).await.unwrap(), 0, "30 days to the moment");
    bed.clock.advance(1);
    assert_eq!(bed.store.drop_old_refusals(bed.now()).await.unwrap(), 1);
    let left: Vec<String> =
        bed.store.audit(None, 9).await.unwrap().into_iter().map(|entry| entry.row.subject).collect();
    assert_eq!(left, ["late", "kept"]);
}
