package io.github.peft4j.models.hub.push.internal;

import java.util.regex.Pattern;

/** How the hub takes files into a repository that it has made itself, as far as that can be known without asking: by its first {@code .gitattributes}, and by size. */
public final class UsualTransfer {

    private static final long MOST_BYTES = 10L << 20;

    private static final Pattern LARGE = Pattern.compile(
            ".*\\.(7z|arrow|bin|bz2|ckpt|ftz|gz|h5|joblib|mlmodel|model|msgpack|npy|npz|onnx|ot|parquet|pb|pickle|pkl|pt|pth|rar|safetensors"
                    + "|tar|tflite|tgz|wasm|xz|zip|zst)|.*\\.lfs\\..*|.*\\.tar\\..*|(.*/)?saved_model/.*|.*tfevents.*");

    private UsualTransfer() {}

    /** {@code lfs} if it is uploaded by itself, {@code regular} if it is part of the commit; in the hub's words. */
    public static String of(PushedFile file) {
        boolean large = file.size() > MOST_BYTES || LARGE.matcher(file.path()).matches();
        return large && file.size() > 0 ? "lfs" : "regular";
    }
}
