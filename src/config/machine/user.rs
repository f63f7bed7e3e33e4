//! `[users]`: who logs in.

use super::check::user::{names_are_free, numbers_differ, somebody_can_log_in};
use super::raw::UserRaw;
use crate::config::At;
use crate::config::check::Checking;
use crate::config::keys::{Field, Named};
use crate::config::source::{Located, Span};
use crate::types::{PasswordHash, PersonName, PublicKey, Target, UserName};
use std::collections::BTreeMap;

/// A user, as a record of systemd's user database.
#[derive(Debug, Clone)]
pub struct User {
    /// Where it was written.
    pub at: At,
    /// The number of the user and of its own group: 1000 to 59999, no two alike.
    pub uid: u32,
    /// The person.
    pub full_name: Option<PersonName>,
    /// The program that a login starts; `/bin/bash` without it.
    pub shell: Option<Target>,
    /// The groups it is in besides its own, each once.
    pub groups: Vec<UserName>,
    /// The keys that let in by SSH, each once.
    pub ssh_keys: Vec<PublicKey>,
    /// The hash of its password; none lets nobody in by password.
    pub password: Option<PasswordHash>,
}

impl User {
    /// The home directory of a user of this name: it outlives the image.
    pub fn home(name: &UserName) -> String {
        format!("/persistent/data/home/{name}")
    }
}

/// `[users]`, checked.
pub(in crate::config) fn users(
    field: &Field<Named<UserName, UserRaw>>,
    cx: &mut Checking<'_>,
) -> BTreeMap<UserName, User> {
    names_are_free(field.names(), cx);
    let entries = field.entries().iter();
    let users: Vec<(&Located<UserName>, User)> = entries
        .map(|(name, table)| (name, user(name, &table.value, table.span, cx)))
        .collect();
    numbers_differ(&users, cx);
    users
        .into_iter()
        .map(|(name, user)| (name.value.clone(), user))
        .collect()
}

fn user(name: &Located<UserName>, raw: &UserRaw, span: Span, cx: &mut Checking<'_>) -> User {
    cx.listed_once(raw.groups.items());
    cx.listed_once(raw.ssh_keys.items());
    somebody_can_log_in(name, raw, cx);
    let hash = raw.password_hash_file.located();
    User {
        at: cx.at(span),
        uid: raw
            .uid
            .get()
            .map_or_else(|| number_of(&name.value), |uid| uid.get()),
        full_name: raw.full_name.value(),
        shell: raw.shell.value(),
        groups: raw.groups.items().iter().map(|it| it.value.clone()).collect(),
        ssh_keys: raw.ssh_keys.items().iter().map(|it| it.value.clone()).collect(),
        password: hash.and_then(|file| cx.secret(file, "hash")),
    }
}

/// From 20000 to 59999, the same on every router and after every change of the documents: the files of a user keep it.
fn number_of(name: &UserName) -> u32 {
    // FNV-1a: two of ten names have one number in one of a thousand routers, and that is said.
    let hash = name.as_ref().bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    20_000 + hash % 40_000
}
