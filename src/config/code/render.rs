//! 04xx: templates and rendering.

use super::codes;

codes! { RENDER:
    E0401 401 "a template cannot be rendered"
        "A template below /persistent/config/templates replaces the one of the same path in the package; this one has an\nerror at the line the message names. Remove the file to use the package's own.";
}
