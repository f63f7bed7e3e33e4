//! Users: records that systemd's user database finds, and homes that outlive the image.

use super::identity::Login;
use super::{Action, Notice, Plan};
use crate::config::{User, code};
use crate::facts::user::UserFacts;
use crate::host::paths::{SYSTEM_USERDB, USERDB};
use std::path::Path;

/// `/run/userdb` has a link to each record and to none that is gone, and each user has a home. What is not ours is left alone
/// and said.
pub fn change(users: &[Login], facts: &UserFacts) -> (Plan, Vec<Notice>) {
    let (mut plan, mut notices) = (Plan::default(), Vec::new());
    let place = |name: &str| Path::new(SYSTEM_USERDB).join(name);
    for (name, is_ours) in &facts.linked {
        if *is_ours && !facts.records.contains(name) {
            plan.add("users", vec![Action::RemoveFile { path: place(name) }]);
        }
    }
    for name in &facts.records {
        match facts.linked.get(name) {
            Some(true) => {}
            Some(false) => notices.push(wrong(format!("{SYSTEM_USERDB}/{name} is not ours; remove it"))),
            None => {
                let (link, target) = (place(name), Path::new(USERDB).join(name));
                plan.add("users", vec![Action::Link { link, target }]);
            }
        }
    }
    for user in users {
        notices.extend(in_the_image(user, facts));
        let home = User::home(&user.name);
        match facts.homes.get(&home) {
            Some(owner) if *owner == user.uid => {}
            Some(owner) => notices.push(wrong(format!(
                "user '{}': {home} belongs to the number {owner}; run: chown -R {uid}:{uid} {home}",
                user.name,
                uid = user.uid
            ))),
            None => {
                let (path, uid) = (home.into(), user.uid);
                plan.add(
                    format!("user '{}'", user.name),
                    vec![Action::MakeHome { path, uid }],
                );
            }
        }
    }
    (plan, notices)
}

/// The image's own users are found first, and its groups are the only ones a user can be in.
fn in_the_image(user: &Login, facts: &UserFacts) -> Vec<Notice> {
    let mut notices = Vec::new();
    let (name, uid) = (&user.name, user.uid);
    if facts.users.contains_key(name.as_ref()) || facts.groups.contains_key(name.as_ref()) {
        notices.push(wrong(format!(
            "user '{name}': the image has a user or a group of this name, which counts"
        )));
    } else if facts
        .users
        .values()
        .chain(facts.groups.values())
        .any(|number| *number == uid)
    {
        notices.push(wrong(format!(
            "user '{name}': a user or a group of the image has the number {uid}; give another `uid`"
        )));
    }
    let unknown = user
        .groups
        .iter()
        .filter(|group| !facts.groups.contains_key(group.as_ref()));
    notices.extend(unknown.map(|group| wrong(format!("user '{name}': the image has no group '{group}'"))));
    notices
}

fn wrong(text: String) -> Notice {
    Notice::new(code::E0757, text)
}
