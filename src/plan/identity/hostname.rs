//! The operator's own host name.

use crate::config::code;
use crate::facts::identity::FileFacts;
use crate::host::paths::IDENTITY;
use crate::plan::Notice;
use crate::types::HostName;
use std::collections::BTreeMap;

/// The operator's `hostname` counts as missing where it holds no host name, as a power cut leaves it, and the document has one.
/// Returns the warning that says so.
pub fn pass_over_hostname(
    files: &mut BTreeMap<String, FileFacts>,
    held: Option<&HostName>,
    rendered: &[&str],
) -> Option<Notice> {
    let name = "hostname";
    if held.is_some() || !rendered.contains(&name) {
        return None;
    }
    files.remove(name).map(|_| {
        let words = "it holds no host name, so [system] hostname is used; correct or remove";
        Notice::new(
            code::E0517,
            format!("identity '{name}': {words} {IDENTITY}/{name}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::paths::RUN;
    use crate::plan::identity::files;
    use std::path::Path;

    #[test]
    fn a_file_without_a_host_name_does_not_hide_the_documents() {
        let facts = FileFacts {
            size: 0,
            mode: 0o644,
            uid: 0,
        };
        let name: Option<HostName> = "edge7".parse().ok();
        for (held, rendered, is_passed_over) in [
            (None, &["hostname", "hosts"][..], true),
            (None, &[][..], false),
            (name.as_ref(), &["hostname"][..], false),
        ] {
            let mut given = BTreeMap::from([("hostname".to_owned(), facts)]);
            let warning = pass_over_hostname(&mut given, held, rendered);
            assert_eq!(warning.is_some(), is_passed_over);
            let source = match is_passed_over {
                true => Path::new(RUN).join("hostname"),
                false => Path::new(IDENTITY).join("hostname"),
            };
            let binds = files(None, &given, None, rendered);
            assert!(binds.iter().any(|bind| bind.source == source), "{binds:?}");
        }
        assert_eq!(
            pass_over_hostname(&mut BTreeMap::new(), None, &["hostname"]),
            None,
            "there is none to pass over"
        );
    }
}
