//! `[users]` as records of systemd's user database (userdb, nss-systemd(8)), and as keys for sshd.

use super::Rendered;
use crate::config::{Model, User};
use crate::types::UserName;
use serde::Serialize;

/// The shell of a user whose document names none.
const SHELL: &str = "/bin/bash";
/// In every file of a membership: systemd takes an empty one for masked, although nss-systemd(8) wants it empty (seen with 252
/// and 257).
const MEMBER: &str = "Written by imp-config from [users].\n";
/// Root alone reads hashes.
const SECRET: u32 = 0o600;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'m> {
    user_name: &'m UserName,
    uid: u32,
    gid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    real_name: Option<&'m str>,
    home_directory: String,
    shell: &'m str,
    #[serde(skip_serializing_if = "<[UserName]>::is_empty")]
    member_of: &'m [UserName],
    disposition: &'static str,
}

#[derive(Debug, Serialize)]
struct Secrets<'m> {
    privileged: Privileged<'m>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Privileged<'m> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashed_password: Vec<&'m str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ssh_authorized_keys: Vec<&'m str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Group<'m> {
    group_name: &'m UserName,
    gid: u32,
    disposition: &'static str,
}

/// Of each user its record, the secrets beside it, its own group, its memberships, and its keys. A record is found by its name
/// and by its number: each is a file of its own.
pub(super) fn files(model: &Model) -> Vec<Rendered> {
    let mut files = Vec::new();
    for (name, user) in &model.users {
        let record = json(&record(name, user));
        let secrets = json(&secrets(user));
        let group = json(&Group {
            group_name: name,
            gid: user.uid,
            disposition: "regular",
        });
        for key in [name.to_string(), user.uid.to_string()] {
            files.push(in_userdb(format!("{key}.user"), record.clone()));
            files.push(in_userdb(format!("{key}.user-privileged"), secrets.clone()).with_mode(SECRET));
            files.push(in_userdb(format!("{key}.group"), group.clone()));
        }
        let memberships = user.groups.iter();
        files.extend(
            memberships.map(|group| in_userdb(format!("{name}:{group}.membership"), MEMBER.to_owned())),
        );
        let keys = user.ssh_keys.iter().map(|key| format!("{key}\n"));
        files.push(Rendered::new(
            format!("run/imp/authorized-keys/{name}"),
            keys.collect(),
        ));
    }
    files
}

fn in_userdb(name: String, text: String) -> Rendered {
    Rendered::new(format!("run/imp/userdb/{name}"), text)
}

fn record<'m>(name: &'m UserName, user: &'m User) -> Record<'m> {
    Record {
        user_name: name,
        uid: user.uid,
        gid: user.uid,
        real_name: user.full_name.as_ref().map(AsRef::as_ref),
        home_directory: User::home(name),
        shell: user.shell.as_ref().map_or(SHELL, AsRef::as_ref),
        member_of: &user.groups,
        disposition: "regular",
    }
}

fn secrets(user: &User) -> Secrets<'_> {
    Secrets {
        privileged: Privileged {
            hashed_password: user.password.iter().map(|hash| hash.reveal()).collect(),
            ssh_authorized_keys: user.ssh_keys.iter().map(AsRef::as_ref).collect(),
        },
    }
}

/// A record holds texts and numbers alone, so serialising it cannot fail.
fn json(record: &impl Serialize) -> String {
    serde_json::to_string_pretty(record).unwrap_or_default() + "\n"
}
