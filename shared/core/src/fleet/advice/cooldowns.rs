//! Warnings about `scaling.cooldown`.

use super::about::About;
use crate::fleet::problem::Findings;

/// Taking away what was just added: the service flaps.
pub(super) fn gives_back_faster_than_it_takes(about: About<'_>, f: &mut Findings) {
    let scaling = &about.service.scaling;
    let (out, back) = (scaling.cooldown_scale_out, scaling.cooldown_scale_in);
    if back < out && scaling.is_any() {
        let text = format!(
            "scale-in cooldown {back} is shorter than scale-out cooldown {out}: tasks go before they were needed. \
             `scale_in: 300s`"
        );
        about.warn(f, about.layer.scaling.cooldown_place(), text);
    }
}
