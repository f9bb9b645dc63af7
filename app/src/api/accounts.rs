//! Server functions about accounts and sessions.

use model::{
    SessionId, UserId,
    account::{Me, SessionSeen},
    view::UserList,
};

calls! {
    MeCall "account/me" fn me() -> Me;
    SessionsCall "account/sessions" fn sessions() -> Vec<SessionSeen>;
    RevokeSessionCall "account/sessions/revoke" fn revoke_session(id: SessionId) -> ();
    ChangePasswordCall "account/password" fn change_password(old: String, new: String) -> ();
    SetZoneCall "account/zone" fn set_zone(zone: String) -> ();
    ZonesCall "zones" fn zones() -> Vec<String>;
    UsersCall "users/list" fn users() -> UserList;
    /// Answers the one-time password, shown once.
    AddUserCall "users/add" fn add_user(name: String, role: String) -> String;
    SetUserRoleCall "users/role" fn set_user_role(id: UserId, role: String) -> ();
    SetUserDisabledCall "users/disabled" fn set_user_disabled(id: UserId, disabled: bool) -> ();
    /// Answers the one-time password, shown once.
    ResetUserPasswordCall "users/reset-password" fn reset_user_password(id: UserId) -> String;
}
