"""Text to 3D."""

from fal_emulator import fields
from fal_emulator.answers import JsonObject
from fal_emulator.art.mesh import terrain
from fal_emulator.model import EmulatedModel, MadeFile, ModelRequest, ModelTiming, UnitPrice, said


def _shape(order: ModelRequest) -> JsonObject:
    arguments = order.arguments
    data = terrain(arguments["prompt"], order.seed, arguments["roughness"])
    return {"model_mesh": MadeFile(data, "model/gltf-binary", "glb"), "seed": order.seed}


MODELS = (
    EmulatedModel(
        endpoint_id="demo/terra/text-to-3d",
        name="Terra",
        category="text-to-3d",
        description="A piece of land to turn around in any viewer, as binary glTF.",
        inputs=(
            fields.text("prompt", "Which land.", required=True, example="Rolling hills"),
            fields.number("roughness", "How wild it is.", default=1, minimum=0, maximum=2),
            fields.choice("texture", "What it is covered with.", ("none", "height"), default="height"),
            fields.seed(),
        ),
        outputs=(
            fields.made("model_mesh", "File", "The terrain."),
            fields.field("seed", {"type": "integer"}, "The seed that was used."),
        ),
        render=_shape,
        pace=ModelTiming(3, 14, ahead=2, script=said((0.05, "Raising hills"), (0.5, "Weathering"), (0.9, "Exporting"))),
        price=UnitPrice(0.1, "generations"),
        tags=("terrain", "3d"),
        published="2026-04-29",
    ),
)
