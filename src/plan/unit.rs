//! The units of VPP instances beyond core and nat: the static units of nat under another name.

use crate::render::Rendered;
use crate::types::InstanceName;

/// A unit file: its name and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The name, `vpp-nat64.service`.
    pub name: String,
    /// The text of the file.
    pub text: String,
}

/// Where `imp.target` pulls units in from, beside the unit files.
pub const WANTS: &str = "imp.target.wants";

/// The instances whose units are static files of the package.
pub const STATIC: [&str; 2] = ["core", "nat"];

const NAT: &str = include_str!("../../units/vpp-nat.service");
const NAT_CONFIG: &str = include_str!("../../units/vpp-nat-config.service");

/// The two units of an instance: VPP itself, and the one that configures it. None for an instance with static units.
pub fn of_instance(name: &InstanceName) -> Vec<Unit> {
    if STATIC.contains(&name.as_ref()) {
        return Vec::new();
    }
    let unit = |suffix, text| Unit {
        name: format!("vpp-{name}{suffix}.service"),
        text: renamed(text, name.as_ref()),
    };
    vec![unit("", NAT), unit("-config", NAT_CONFIG)]
}

/// Unit files for the instances systemd knows nothing of, because their configuration came after the generator.
///
/// A unit file in `/run/systemd/system` can be started without a reload of systemd.
pub fn unseen<'i>(
    instances: impl IntoIterator<Item = &'i InstanceName>,
    generated: &[String],
) -> Vec<Rendered> {
    let units = instances.into_iter().flat_map(of_instance);
    units
        .filter(|unit| !generated.contains(&unit.name))
        .map(|unit| Rendered {
            path: format!("run/systemd/system/{}", unit.name),
            mode: 0o644,
            text: unit.text,
        })
        .collect()
}

/// The text with the word `nat` replaced: only where it stands alone, as in `vpp-nat` and `startup-nat.conf`.
fn renamed(text: &str, name: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("nat") {
        let (before, after) = (&rest[..at], &rest[at + 3..]);
        let inside = before.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric);
        out.push_str(before);
        out.push_str(if inside { "nat" } else { name });
        rest = after;
    }
    out.push_str(rest);
    out
}
