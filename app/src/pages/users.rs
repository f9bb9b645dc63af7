//! Accounts: who may do what.

use super::{framed::framed, place};
use crate::ui::*;
use leptos::prelude::*;
use model::{
    Millis, UserId,
    account::{Role, User},
};

#[component]
pub fn Users() -> impl IntoView {
    framed(
        place::users(),
        |backend, caller| async move { backend.users(&caller).await },
        |list, frame| {
            let now = frame.now;
            let me = list.me;
            let columns = ["Account", "Role", "State", "Last sign-in"]
                .into_iter()
                .map(Column::new)
                .chain([Column::hidden("Actions")])
                .collect::<Vec<_>>();
            let questions = list.users.iter().filter(|user| user.id != me).map(questions).collect_view();
            view! {
                <Head title="Users" lead="Viewers look, operators define, run and restore, administrators also keep connections and accounts.".into_any()>
                    <Button weight=Weight::Primary icon=Glyph::Plus opens="add-user">
                        "Add user…"
                    </Button>
                </Head>
                <Table label="Users" columns wide=true>
                    {list.users.into_iter().map(|user| one(user, &me, now)).collect_view()}
                </Table>
                {add()}
                {questions}
            }
            .into_any()
        },
    )
}

fn one(user: User, me: &UserId, now: Millis) -> impl IntoView + use<> {
    let own = user.id == *me;
    let sign = if user.disabled {
        Sign::new(Tone::Warn, Glyph::Off, "Disabled")
    } else {
        Sign::new(Tone::Mute, Glyph::Active, "Active")
    };
    let id = user.id.0.clone();
    view! {
        <Row name=user.name.clone() sub=if own { "you" } else { "" } silent=user.disabled id=format!("u-{id}")>
            <Cell label="Role">{user.role.key()}</Cell>
            <Cell label="State">
                <State of=sign />
            </Cell>
            <Cell label="Last sign-in">
                <MaybeTime at=user.last_sign_in now none="never" />
            </Cell>
            <Cell menu=true>
                <Menu
                    id=format!("um-{id}")
                    label=format!("Actions for {}", user.name)
                    small=true
                    why=if own { "Your own account is changed under My account." } else { "" }
                >
                    {(!own)
                        .then(|| {
                            view! {
                                <button type="button" command="show-modal" commandfor=format!("role-{id}")>
                                    <Icon name=Glyph::Key />
                                    "Change role…"
                                </button>
                                <button type="button" command="show-modal" commandfor=format!("reset-{id}")>
                                    <Icon name=Glyph::Rerun />
                                    "Reset password…"
                                </button>
                                <hr />
                                {if user.disabled {
                                    view! {
                                        <button type="button" data-act="user-enable" data-id=id.clone()>
                                            <Icon name=Glyph::Play />
                                            "Enable"
                                        </button>
                                    }
                                        .into_any()
                                } else {
                                    view! {
                                        <button
                                            type="button"
                                            data-act="user-disable"
                                            data-id=id.clone()
                                            data-said=format!("{} is disabled and signed out.", user.name)
                                        >
                                            <Icon name=Glyph::Off />
                                            "Disable"
                                        </button>
                                    }
                                        .into_any()
                                }}
                            }
                        })}
                </Menu>
            </Cell>
        </Row>
    }
}

fn roles(id: String, now: Option<Role>) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id.clone()>"Role"</label>
            <select id=id name="role">
                {Role::ALL
                    .into_iter()
                    .map(|r| view! { <option value=r.key() selected=now == Some(r)>{r.words()}</option> })
                    .collect_view()}
            </select>
        </div>
    }
}

/// Where a one-time password appears, once.
fn once() -> impl IntoView {
    view! {
        <div class="callout" data-tone="live" hidden>
            <Icon name=Glyph::Key />
            <div>
                <p>"One-time password, shown only now:"</p>
                <p class="text-md select-all"><code data-once></code></p>
                <p class="sub">"It must be changed at the first sign-in."</p>
            </div>
        </div>
    }
}

fn add() -> impl IntoView {
    view! {
        <Question
            id="add-user"
            title="Add a user"
            keep="Close"
            answer=|| {
                view! {
                    <Button weight=Weight::Primary act="user-add">
                        "Add user"
                    </Button>
                }
            }
        >
            <p>"Holdfast makes a one-time password; hand it over by a way that you trust."</p>
            <div class="field">
                <label for="new-name">"Name"</label>
                <input id="new-name" name="name" autocomplete="off" autocapitalize="none" spellcheck="false" />
            </div>
            {roles("new-role".into(), Some(Role::Viewer))}
            {once()}
        </Question>
    }
}

fn questions(user: &User) -> impl IntoView + use<> {
    let id = user.id.0.clone();
    let (of, reset, role) = (id.clone(), id.clone(), user.role);
    let field = format!("r-{id}");
    view! {
        <Question
            id=format!("role-{id}")
            title=format!("Role of {}", user.name)
            answer=move || {
                view! {
                    <Button weight=Weight::Primary act="user-role" of said="The role is changed.">
                        "Change role"
                    </Button>
                }
            }
        >
            {roles(field, Some(role))}
        </Question>
        <Question
            id=format!("reset-{id}")
            title=format!("Reset the password of {}?", user.name)
            keep="Close"
            answer=move || {
                view! {
                    <Button weight=Weight::Destroy act="user-reset" of=reset>
                        "Reset password"
                    </Button>
                }
            }
        >
            <p>"The old password stops working at once, and the account is signed out everywhere."</p>
            {once()}
        </Question>
    }
}
