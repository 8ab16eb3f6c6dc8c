package io.github.peft4j.methods.llamaadapter.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.models.nn.TokenScript;
import io.github.peft4j.models.nn.attention.internal.Attention;
import io.github.peft4j.models.nn.attention.internal.SideAttention;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * What queries make of trained tokens P: \(g\,\mathrm{softmax}(q (W_k P)^\top / \sqrt{d_h})\,W_v P\).
 *
 * <p>Shapes: q and the outcome {@code [N, H, Dh]}; P {@code [1, P, D]}; g {@code [1]}. Keys and values of the tokens are made by the
 * attention's own projections, with whatever adapters have put around them, and are not rotated. Hugging Face PEFT computes the queries
 * and the output projection a second time; here both are the attention's own.
 *
 * @see <a href="https://arxiv.org/abs/2303.16199">Zhang et al. 2023, section 3.2</a>
 */
final class PromptAttention implements SideAttention {

    private final Attention attention;
    private final AdaptionPrompt prompt;
    private final boolean projected;
    private final double scale;
    private boolean on = true;

    /**
     * Attention to trained tokens.
     *
     * @param attention whose queries attend
     * @param projected whether the outcome goes through the output projection
     */
    PromptAttention(Attention attention, AdaptionPrompt prompt, boolean projected) {
        this.attention = attention;
        this.prompt = prompt;
        this.projected = projected;
        this.scale = 1 / Math.sqrt(attention.geometry().headSize());
    }

    void setOn(boolean enabled) {
        on = enabled;
    }

    @Override
    public boolean isOn() {
        return on;
    }

    @Override
    public boolean isProjected() {
        return projected;
    }

    @Override
    public Activation attend(Forward context, Activation queries) {
        Activation[] known = keysAndValues(context);
        Activation keys = known[0];
        Activation values = known[1];
        AdaptionKernels kernels = AdaptionKernels.of(context.scope());
        boolean needed = queries.needsGradient()
                || keys.needsGradient()
                || values.needsGradient()
                || prompt.gate().trainable();
        AdaptionKernels.Attended made = kernels.attend(
                queries.array(), keys.array(), values.array(), prompt.gate().array(), scale);
        List<NDArray> saved = new ArrayList<>(context.save(needed, queries.array(), keys.array(), values.array()));
        saved.add(made.probabilities());
        Activation outcome =
                context.record(made.outcome(), needed, saved, g -> backward(kernels, queries, keys, values, saved, g));
        keys.close();
        values.close();
        return outcome;
    }

    private void backward(
            AdaptionKernels kernels,
            Activation queries,
            Activation keys,
            Activation values,
            List<NDArray> saved,
            NDArray g) {
        AdaptionKernels.Gradients gradients = kernels.attendGradient(
                g, saved.get(0), saved.get(2), saved.get(3), prompt.gate().array(), scale);
        Kernels k = kernels.scope().kernels();
        try (NDArray scores = gradients.scores()) {
            if (queries.needsGradient()) {
                long count = g.getShape().get(0);
                queries.accumulate(kernels.queryGradient(scores, saved.get(1), count), k);
            }
        }
        give(keys, gradients.keys(), k);
        give(values, gradients.values(), k);
        if (prompt.gate().trainable()) {
            prompt.gate().accumulate(gradients.gate());
        } else {
            gradients.gate().close();
        }
    }

    private static void give(Activation to, NDArray gradient, Kernels k) {
        if (to.needsGradient()) {
            to.accumulate(gradient, k);
        } else {
            gradient.close();
        }
    }

    /** The trained tokens' keys and values [P, K, Dh]. */
    private Activation[] keysAndValues(Forward context) {
        Activation tokens = tokens(context);
        Activation[] known = attention.projection().keysAndValues(context, tokens, attention.geometry());
        tokens.close();
        return known;
    }

    /** The trained tokens [P, D] in the base's format. */
    private Activation tokens(Forward context) {
        Kernels k = context.kernels();
        NDArray rows;
        try (NDArray cast = prompt.tokens().in(attention.geometry().precision(), k)) {
            rows = k.reshape(cast, prompt.length(), prompt.width());
        }
        return context.record(rows, prompt.tokens().trainable(), List.of(), g -> {
            try (NDArray exact = k.cast(g, Precision.FLOAT32)) {
                prompt.tokens().accumulate(k.reshape(exact, 1, prompt.length(), prompt.width()));
            }
        });
    }

    @Override
    public String writeBeside(TokenScript script, String queries) {
        Attention.Geometry geometry = attention.geometry();
        String keys = script.array(k ->
                known(k, known -> AdaptionKernels.of(k.scope()).tokenKeys(known[0].array())));
        String values = script.array(k -> known(
                k,
                known -> AdaptionKernels.of(k.scope())
                        .tokenValues(known[1].array(), prompt.gate().array())));
        int groups = geometry.keyValueHeads();
        int width = geometry.heads() * geometry.headSize();
        String heads = script.line("torch.reshape(" + queries + ", [-1, " + groups + ", " + geometry.heads() / groups
                + ", " + geometry.headSize() + "])");
        String scores =
                script.line("torch.softmax(torch.mul(torch.matmul(" + heads + ", " + keys + "), " + scale + "), -1)");
        return script.line("torch.reshape(torch.matmul(" + scores + ", " + values + "), [-1, " + width + "])");
    }

    /** Something made once of the tokens' keys and values. */
    private NDArray known(Kernels kernels, Function<Activation[], NDArray> make) {
        try (Forward once = Forward.inference(kernels.scope(), Rows.of(prompt.length()))) {
            return make.apply(keysAndValues(once));
        }
    }
}
