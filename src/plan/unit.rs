//! The units of VPP instances beyond core and nat: the templates of `units/instance` under the instance's name.
//!
//! They are not template instances of systemd's own, because those would be called `vpp@NAME.service`, and systemd accepts
//! no link from `vpp-NAME.service` to one ("symlink target name type does not match source", 252). In the journal, in
//! `systemctl` and in our own jobs the unit would have another form of name than those of core and nat.

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

/// The directory beside the unit files whose links `imp.target` pulls in.
pub const WANTS: &str = "imp.target.wants";

/// The instances whose units are installed by the package.
pub const STATIC: [&str; 2] = ["core", "nat"];

const VPP: &str = include_str!("../../units/instance/vpp@.service");
const VPP_CONFIG: &str = include_str!("../../units/instance/vpp-config@.service");

/// The two units of an instance: VPP itself, and the one that configures it. None for an instance with static units.
pub fn of_instance(name: &InstanceName) -> Vec<Unit> {
    if STATIC.contains(&name.as_ref()) {
        return Vec::new();
    }
    vec![
        instantiate(VPP, format!("vpp-{name}.service"), name),
        instantiate(VPP_CONFIG, format!("vpp-{name}-config.service"), name),
    ]
}

/// The template with its only specifier, `%i`, resolved. An instance's name has no character that systemd would escape.
fn instantiate(template: &str, unit: String, name: &InstanceName) -> Unit {
    Unit {
        name: unit,
        text: template.replace("%i", name.as_ref()),
    }
}

/// Unit files for the instances that systemd does not know, because their configuration came after the generator ran.
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
