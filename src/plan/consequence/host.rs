//! The host itself: what is bound, its time zone, its kernel, its users.

use super::words::counted;
use super::{Consequence, Sides, name_of};
use crate::config::Model;
use crate::host::paths::{USERDB, relative};
use crate::plan::Impact;
use crate::plan::output::is_bound;

impl Sides<'_> {
    /// What `imp-identity` does.
    pub(super) fn identity(&self, files: &[String]) -> Consequence {
        let bound: Vec<&str> = files
            .iter()
            .filter(|path| is_bound(path))
            .map(|path| name_of(path))
            .collect();
        let mut does = Vec::new();
        if !bound.is_empty() {
            does.push(format!("puts {} in place", bound.join(", ")));
        }
        does.extend(self.zone());
        does.extend(self.kernel());
        if files.iter().any(|path| path.starts_with(relative(USERDB))) {
            let names: Vec<String> = self.after.users.keys().map(ToString::to_string).collect();
            does.push(match names.is_empty() {
                true => "forgets the users; who is logged in stays".to_owned(),
                false => format!("sets up {}", of_users(&names)),
            });
        }
        if does.is_empty() {
            does.push("binds other files or directories".to_owned());
        }
        Consequence {
            part: "identity".to_owned(),
            does: does.join(", "),
            lines: Vec::new(),
            impacts: vec![Impact::Live],
        }
    }

    fn zone(&self) -> Option<String> {
        let zone = |model: &Model| model.system.timezone.clone();
        let (before, after) = (self.before.and_then(zone), zone(self.after));
        (before != after).then(|| match after {
            Some(zone) => format!("sets the time zone {zone}"),
            None => "gives back the image's time zone".to_owned(),
        })
    }

    fn kernel(&self) -> Option<String> {
        let settings = |model: &Model| model.system.sysctl.clone();
        let (before, after) = (
            self.before.map(settings).unwrap_or_default(),
            settings(self.after),
        );
        let differs = |name: &&_| before.get(*name) != after.get(*name);
        let names: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
        let count = names.iter().filter(|name| differs(name)).count();
        (count > 0).then(|| format!("changes {} of the kernel", counted(count, "setting")))
    }
}

/// `the user anna`, `the users anna, bob`.
fn of_users(names: &[String]) -> String {
    let noun = if names.len() == 1 { "the user" } else { "the users" };
    format!("{noun} {}", names.join(", "))
}
