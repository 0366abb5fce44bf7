//! What a child does to pictures and sound before it writes them, in FFmpeg's words.

/// Pictures of the size of the canvas at most, in BT.601 as canvases are, of one size whatever
/// comes; those that are brighter than a screen are toned down, as small as they are by then.
pub(crate) fn picture((width, height): (u32, u32), is_hdr: bool) -> String {
    let scale = format!(
        "scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2\
         :flags=bilinear"
    );
    let pad = format!("pad={width}:{height}:-1:-1,setsar=1");
    if is_hdr {
        // 203 cd/m² is where white lies in such films (ITU-R BT.2408).
        return format!(
            "{scale},zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,\
             tonemap=tonemap=mobius:desat=0,zscale=t=bt709:m=170m:r=tv,format=yuv420p,{pad}"
        );
    }
    format!("{scale}:out_color_matrix=bt601:out_range=tv,{pad}")
}

/// No more pictures than the canvas shows.
pub(crate) fn no_more_than(fps: u32) -> String {
    format!("select='isnan(prev_selected_t)+gte(t-prev_selected_t,0.9/{fps})'")
}

/// Sound of so many channels as one, in pieces of 20 ms or so. The centre, where the voice is, and
/// the sides lie 3 dB lower (ITU-R BS.775) and nothing is turned down to make room: peaks are the
/// mix's limiter's business, and samples are floats till then.
pub(crate) fn sound(channels: u64) -> String {
    let pieces = "asetnsamples=n=960:p=0";
    if channels <= 2 {
        return format!("aresample=rematrix_maxval=1,{pieces}");
    }
    format!(
        "aresample=rematrix_maxval=64:center_mix_level=0.7071:surround_mix_level=0.7071,\
         aformat=sample_fmts=fltp:channel_layouts=stereo,pan=mono|c0=0.5*c0+0.5*c1,{pieces}"
    )
}
