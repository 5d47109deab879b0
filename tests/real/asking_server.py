"""A server of the Python SDK, which speaks both eras by default, with tools that ask their client by requests.

python asking_server.py [http]: over HTTP on a free port, which the first line of output names; else over stdio.
"""

import socket
import sys

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from mcp_types import SamplingMessage, TextContent
from pydantic import BaseModel

mcp = MCPServer("asking")


class Name(BaseModel):
    name: str


@mcp.tool()
async def elicit(ctx: Context) -> str:
    """Asks the user."""
    return (await ctx.elicit("Name?", Name)).action


@mcp.tool()
async def sample(ctx: Context) -> str:
    """Asks the model."""
    question = SamplingMessage(role="user", content=TextContent(type="text", text="hi"))
    return (await ctx.session.create_message([question], max_tokens=9)).content.text


@mcp.tool()
async def roots(ctx: Context) -> str:
    """Asks for the roots."""
    return str((await ctx.session.list_roots()).roots[0].uri)


if sys.argv[1:] == ["http"]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp", flush=True)
    uvicorn.Server(uvicorn.Config(mcp.streamable_http_app(), log_level="error")).run(sockets=[listener])
else:
    mcp.run()
