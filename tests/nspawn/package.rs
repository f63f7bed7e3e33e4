//! The package in a root without a running systemd.

use super::network::run;
use super::router::Release;
use std::path::Path;

#[test]
fn the_package_is_installed_whole_and_enabled_without_a_systemd() {
    for release in Release::ALL {
        if let Some(image) = release.image("the_package_is_installed_whole_and_enabled_without_a_systemd") {
            is_installed_whole(&image);
        }
    }
}

fn is_installed_whole(image: &Path) {
    let root = image.to_str().unwrap();
    assert_eq!(
        run("chroot", &[root, "dpkg-query", "-W", "-f=${Status}", "imp"]),
        "install ok installed"
    );
    assert_eq!(run("chroot", &[root, "dpkg", "--verify", "imp"]), "");
    for (link, target) in [
        ("multi-user.target.wants/imp.target", "../imp.target"),
        (
            "sysinit.target.wants/imp-machine-id.service",
            "../imp-machine-id.service",
        ),
    ] {
        let path = image.join("usr/lib/systemd/system").join(link);
        assert_eq!(std::fs::read_link(path).unwrap().to_str(), Some(target));
    }
}
