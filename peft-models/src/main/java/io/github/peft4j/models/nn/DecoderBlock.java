package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * A transformer block with norms in front: \(r = x + A(n_1(x))\), \(y = r + M(n_2(r))\); the children carry the architecture's names.
 *
 * <p>Shapes: x and y {@code [N, D]}. With {@code residualAfterNorm} (an option of Bloom) the residual paths start at the norms' outputs
 * instead of at their inputs.
 */
public final class DecoderBlock extends Module implements Scripted, Selective {

    private final Slot firstNorm;
    private final Slot attention;
    private final Slot secondNorm;
    private final Slot feedForward;
    private final boolean residualAfterNorm;

    /** A named part of a block. */
    public record Part(String name, Module module) {}

    /** A block of four parts. */
    public DecoderBlock(Part firstNorm, Part attention, Part secondNorm, Part feedForward, boolean residualAfterNorm) {
        this.firstNorm = child(firstNorm.name(), firstNorm.module());
        this.attention = child(attention.name(), attention.module());
        this.secondNorm = child(secondNorm.name(), secondNorm.module());
        this.feedForward = child(feedForward.name(), feedForward.module());
        this.residualAfterNorm = residualAfterNorm;
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        try (Activation middle = attended(context, x)) {
            return fed(context, middle);
        }
    }

    /** Attention needs all tokens; what comes after it does not. */
    @Override
    public Activation forwardAt(Forward context, Activation x, NDArray tokens) {
        try (Activation all = attended(context, x);
                Activation middle = context.rows(all, tokens)) {
            return fed(context, middle);
        }
    }

    private Activation fed(Forward context, Activation middle) {
        return withResidual(context, secondNorm, middle, normed -> feedForward.forward(context, normed), context::add);
    }

    @Override
    public Activation replay(Forward context, Activation x) {
        try (Activation middle = attended(context, x)) {
            return withResidual(
                    context, secondNorm, middle, normed -> feedForward.replay(context, normed), context::join);
        }
    }

    private Activation attended(Forward context, Activation x) {
        return withResidual(context, firstNorm, x, normed -> attention.forward(context, normed), context::add);
    }

    private Activation withResidual(
            Forward context, Slot norm, Activation x, UnaryOperator<Activation> part, BinaryOperator<Activation> sum) {
        try (Activation normed = norm.forward(context, x);
                Activation change = part.apply(normed)) {
            return sum.apply(residualAfterNorm ? normed : x, change);
        }
    }

    @Override
    public String write(TokenScript script, String x) {
        return write(script, secondNorm, feedForward, write(script, firstNorm, attention, x));
    }

    private String write(TokenScript script, Slot norm, Slot part, String x) {
        String normed = script.write(norm, x);
        String change = script.write(part, normed);
        return script.line("torch.add(" + (residualAfterNorm ? normed : x) + ", " + change + ")");
    }
}
