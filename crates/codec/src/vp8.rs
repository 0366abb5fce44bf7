//! VP8 through libvpx's C interface, without bindings that know better.
//!
//! Crate-private: `decode` and `encode` check sizes before anything arrives here.

use std::ffi::{c_int, c_uint, c_ulong};
use std::mem::MaybeUninit;

use vpx_sys::*;

use crate::decode_error::DecodeError;
use crate::encoded::{EncodeError, EncodedFrame};
use crate::encoder_settings::{EncoderSettings, Speed};
use crate::frame::{Frame, FrameView, VideoCodec};

/// libvpx's context: initialised on construction, destroyed once, on drop. Boxed, because the
/// encoder's settings are referred to from inside it.
struct Context {
    raw: Box<vpx_codec_ctx_t>,
}

// SAFETY: a libvpx context has no tie to the thread that made it; it must only not be used by two
// at once, which `&mut` on every call sees to.
unsafe impl Send for Context {}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: `raw` was initialised (nothing else makes a `Context`) and is destroyed here
        // only.
        unsafe { vpx_codec_destroy(&mut *self.raw) };
    }
}

impl Context {
    /// Sets a codec control that takes an int.
    fn control(&mut self, id: c_int, value: c_int) -> bool {
        // SAFETY: the context is initialised; every control used here takes one int-sized
        // argument by value (vp8cx.h, vp8dx.h).
        unsafe { vpx_codec_control_(&mut *self.raw, id, value) == VPX_CODEC_OK }
    }
}

pub(crate) struct Vp8Decoder {
    context: Context,
}

impl Vp8Decoder {
    pub(crate) fn new() -> Result<Vp8Decoder, DecodeError> {
        let config = vpx_codec_dec_cfg_t { threads: 1, w: 0, h: 0 };
        let mut raw = Box::new(MaybeUninit::<vpx_codec_ctx_t>::zeroed());
        // SAFETY: `raw` points to zeroed memory of the right size and stays where it is; the
        // configuration is read during the call only.
        let rc = unsafe {
            vpx_codec_dec_init_ver(
                raw.as_mut_ptr(),
                vpx_codec_vp8_dx(),
                &config,
                0,
                VPX_DECODER_ABI_VERSION as c_int,
            )
        };
        if rc != VPX_CODEC_OK {
            return Err(DecodeError::Start(VideoCodec::Vp8));
        }
        // SAFETY: initialised by the call above, which succeeded.
        Ok(Vp8Decoder { context: Context { raw: unsafe { raw.assume_init() } } })
    }

    /// Decodes a packet that is not empty and whose size has been judged.
    pub(crate) fn decode(&mut self, packet: &[u8]) -> Result<Option<FrameView<'_>>, DecodeError> {
        let length = c_uint::try_from(packet.len()).map_err(|_| DecodeError::Damaged)?;
        let context = &mut *self.context.raw;
        // SAFETY: the context is initialised; libvpx reads `length` bytes, during the call only.
        let rc =
            unsafe { vpx_codec_decode(context, packet.as_ptr(), length, std::ptr::null_mut(), 0) };
        if rc != VPX_CODEC_OK || self.is_corrupted() {
            return Err(DecodeError::Damaged);
        }
        self.newest()
    }

    /// Whether libvpx itself doubts the picture (a packet cut short, a lost reference).
    fn is_corrupted(&mut self) -> bool {
        let mut corrupted: c_int = 0;
        // SAFETY: this control writes one int through the pointer (vp8dx.h), during the call.
        let rc = unsafe {
            vpx_codec_control_(
                &mut *self.context.raw,
                vp8_dec_control_id::VP8D_GET_FRAME_CORRUPTED as c_int,
                &raw mut corrupted,
            )
        };
        rc == VPX_CODEC_OK && corrupted != 0
    }

    fn newest(&mut self) -> Result<Option<FrameView<'_>>, DecodeError> {
        let mut iter = std::ptr::null();
        // SAFETY: the context is initialised; the image stays valid until the next decode, which
        // the borrow of `self` in the returned view prevents.
        let image = unsafe { vpx_codec_get_frame(&mut *self.context.raw, &mut iter).as_ref() };
        let Some(image) = image else { return Ok(None) };
        let (w, h) = (image.d_w as usize, image.d_h as usize);
        let plane = |i: usize, width: usize, height: usize| {
            let stride = usize::try_from(image.stride[i]).ok()?;
            if image.planes[i].is_null() || stride < width || height == 0 {
                return None;
            }
            let length = stride * (height - 1) + width;
            // SAFETY: libvpx's plane holds `height` rows of `stride` bytes, with a border of 32
            // pixels behind them, and lives as long as said above.
            Some((unsafe { std::slice::from_raw_parts(image.planes[i], length) }, stride))
        };
        let planes = plane(0, w, h).zip(plane(1, w.div_ceil(2), h.div_ceil(2))).zip(plane(
            2,
            w.div_ceil(2),
            h.div_ceil(2),
        ));
        let Some((((y, stride_y), (u, stride_uv)), (v, stride_v))) = planes else {
            return Err(DecodeError::Damaged);
        };
        debug_assert_eq!(stride_uv, stride_v);
        FrameView::new((y, u, v), (stride_y, stride_uv), (image.d_w, image.d_h))
            .map(Some)
            .ok_or(DecodeError::Damaged)
    }
}

pub(crate) struct Vp8Encoder {
    context: Context,
    /// Boxed: libvpx keeps a pointer to it.
    config: Box<vpx_codec_enc_cfg_t>,
}

// SAFETY: as for `Context`; the configuration is plain numbers (its one pointer is null).
unsafe impl Send for Vp8Encoder {}

impl Vp8Encoder {
    pub(crate) fn new(settings: &EncoderSettings) -> Result<Vp8Encoder, EncodeError> {
        let start = EncodeError::Start(VideoCodec::Vp8);
        let Some(config) = config(settings) else { return Err(start) };
        let config = Box::new(config);
        let mut raw = Box::new(MaybeUninit::<vpx_codec_ctx_t>::zeroed());
        // SAFETY: `raw` is zeroed memory of the right size; it and the boxed configuration, which
        // libvpx may refer to later, stay where they are as long as the encoder lives.
        let rc = unsafe {
            vpx_codec_enc_init_ver(
                raw.as_mut_ptr(),
                vpx_codec_vp8_cx(),
                &*config,
                0,
                VPX_ENCODER_ABI_VERSION as c_int,
            )
        };
        if rc != VPX_CODEC_OK {
            return Err(start);
        }
        // SAFETY: initialised by the call above, which succeeded.
        let context = Context { raw: unsafe { raw.assume_init() } };
        let mut encoder = Vp8Encoder { context, config };
        if encoder.configure(settings.speed) { Ok(encoder) } else { Err(start) }
    }

    fn configure(&mut self, speed: Speed) -> bool {
        use vp8e_enc_control_id as id;
        let mut set = |id: vp8e_enc_control_id, value| self.context.control(id as c_int, value);
        // A block that hardly differs is skipped outright; a keyframe may take 4.5 average
        // pictures and no more, or its burst overruns the receivers' paths; a canvas has no
        // camera noise. (200: the same PSNR as with 1 on moving and on quiet canvases, 44.14
        // against 44.15 dB on nine quiet cameras, for less time; 500 loses 0.14 dB there.)
        set(id::VP8E_SET_CPUUSED, cpu_used(speed))
            && set(id::VP8E_SET_STATIC_THRESHOLD, 200)
            && set(id::VP8E_SET_MAX_INTRA_BITRATE_PCT, 450)
            && set(id::VP8E_SET_NOISE_SENSITIVITY, 0)
    }

    pub(crate) fn set_speed(&mut self, speed: Speed) -> Result<(), EncodeError> {
        let id = vp8e_enc_control_id::VP8E_SET_CPUUSED as c_int;
        if self.context.control(id, cpu_used(speed)) { Ok(()) } else { Err(EncodeError::Failed) }
    }

    pub(crate) fn set_bitrate(&mut self, bps: u32) -> Result<(), EncodeError> {
        let before = self.config.rc_target_bitrate;
        self.config.rc_target_bitrate = bps / 1000;
        // SAFETY: the context is initialised; the configuration differs only in its bitrate.
        let rc = unsafe { vpx_codec_enc_config_set(&mut *self.context.raw, &*self.config) };
        if rc == VPX_CODEC_OK {
            return Ok(());
        }
        self.config.rc_target_bitrate = before;
        Err(EncodeError::Failed)
    }

    /// `frame` has the encoder's size; `at` grows from call to call.
    pub(crate) fn encode(
        &mut self,
        frame: &Frame,
        force_keyframe: bool,
        at: i64,
        duration: u64,
    ) -> Result<EncodedFrame, EncodeError> {
        let mut image = MaybeUninit::<vpx_image_t>::zeroed();
        let flags = if force_keyframe { VPX_EFLAG_FORCE_KF } else { 0 };
        // SAFETY: with alignment 1 libvpx describes exactly a frame's packing: three planes one
        // behind the other, no gaps; `as_i420` holds all three. The encoder copies the picture
        // before it returns and never writes to it.
        let rc = unsafe {
            vpx_img_wrap(
                image.as_mut_ptr(),
                vpx_img_fmt::VPX_IMG_FMT_I420,
                frame.width(),
                frame.height(),
                1,
                frame.as_i420().as_ptr().cast_mut(),
            );
            vpx_codec_encode(
                &mut *self.context.raw,
                image.as_ptr(),
                at,
                duration as c_ulong,
                flags.into(),
                VPX_DL_REALTIME.into(),
            )
        };
        if rc != VPX_CODEC_OK {
            return Err(EncodeError::Failed);
        }
        self.take_packet().ok_or(EncodeError::Failed)
    }

    /// The coded picture: without lag and frame dropping there is exactly one per call.
    fn take_packet(&mut self) -> Option<EncodedFrame> {
        let mut iter = std::ptr::null();
        let mut taken = None;
        // SAFETY: the context is initialised; a packet stays valid until the next encode, and its
        // bytes are copied out at once. `data.frame` is the union's member for this kind.
        unsafe {
            while let Some(packet) =
                vpx_codec_get_cx_data(&mut *self.context.raw, &mut iter).as_ref()
            {
                if packet.kind != vpx_codec_cx_pkt_kind::VPX_CODEC_CX_FRAME_PKT {
                    continue;
                }
                let coded = &packet.data.frame;
                let bytes = std::slice::from_raw_parts(coded.buf.cast::<u8>(), coded.sz as usize);
                let keyframe = coded.flags & VPX_FRAME_IS_KEY != 0;
                taken = Some(EncodedFrame { data: bytes.to_vec(), keyframe });
            }
        }
        taken
    }
}

fn cpu_used(speed: Speed) -> c_int {
    match speed {
        Speed::Careful => -6,
        Speed::Normal => -8,
        Speed::Fast => -12,
    }
}

/// Real-time, constant bitrate, no lag, no dropped pictures, keyframes on demand only.
fn config(settings: &EncoderSettings) -> Option<vpx_codec_enc_cfg_t> {
    let mut config = MaybeUninit::<vpx_codec_enc_cfg_t>::zeroed();
    // SAFETY: libvpx fills the structure it is pointed to.
    let rc = unsafe { vpx_codec_enc_config_default(vpx_codec_vp8_cx(), config.as_mut_ptr(), 0) };
    if rc != VPX_CODEC_OK {
        return None;
    }
    // SAFETY: filled by the call above, which succeeded.
    let mut config = unsafe { config.assume_init() };
    config.g_w = settings.width;
    config.g_h = settings.height;
    // A second thread spins while it waits and costs two to seven times on a busy machine.
    config.g_threads = 1;
    config.g_timebase.num = 1;
    config.g_timebase.den = 90_000;
    config.g_lag_in_frames = 0;
    config.g_pass = vpx_enc_pass::VPX_RC_ONE_PASS;
    config.rc_end_usage = vpx_rc_mode::VPX_CBR;
    config.rc_target_bitrate = settings.bitrate_bps / 1000;
    config.rc_min_quantizer = 2;
    // Its largest: with 56, as libwebrtc has it for one camera, nine moving ones overran 1.5 Mbit/s
    // by a quarter, and everybody's line with it.
    config.rc_max_quantizer = 63;
    config.rc_undershoot_pct = 100;
    config.rc_overshoot_pct = 15;
    config.rc_buf_sz = 1000;
    config.rc_buf_initial_sz = 500;
    config.rc_buf_optimal_sz = 600;
    config.rc_dropframe_thresh = 0;
    config.kf_mode = vpx_kf_mode::VPX_KF_DISABLED;
    Some(config)
}
